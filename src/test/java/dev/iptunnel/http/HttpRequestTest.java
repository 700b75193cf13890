package dev.iptunnel.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpRequestTest {
    @ParameterizedTest
    @CsvSource({
        "GET / HTTP/1.1, GET, /",
        "PUT /loglevel HTTP/1.0, PUT, /loglevel",
        "GET /metrics?name[]=up HTTP/1.1, GET, /metrics",
        "GET /metrics#up?x HTTP/1.1, GET, /metrics",
        "GET http://localhost/livez HTTP/1.1, GET, /livez",
        "GET https://localhost:9811//livez?a=/b HTTP/1.1, GET, //livez"
    })
    void the_path_is_without_scheme_host_and_query(String line, String method, String path) {
        assertThat(RequestLine.parse(line)).contains(new RequestLine(method, path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "GET",
                "GET /livez",
                "GET /livez ",
                "GET  /livez HTTP/1.1",
                " GET /livez HTTP/1.1",
                "GET /livez HTTP/1.1 ",
                "GET /li vez HTTP/1.1",
                "GET /livez HTTP/1.2",
                "GET /livez HTTP/2.0",
                "get /livez HTTP/1.1",
                "G\u00c9T /livez HTTP/1.1",
                "GET livez HTTP/1.1",
                "GET a/livez HTTP/1.1",
                "GET http://localhost HTTP/1.1",
                "GET http:///livez HTTP/1.1",
                "GET http:////livez HTTP/1.1",
                "GET ftp://localhost/livez HTTP/1.1",
                "* * *"
            })
    void other_lines_are_no_request(String line) {
        assertThat(RequestLine.parse(line)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'A: 1\r\nB: 2\r\n', 1",
        "'B: 2\r\na:1\r\n', 1",
        "'A: 1\nA: 2\n', 1",
        "'A: \t 1 2 \t\r\n', 1 2",
        "'A:\r\n', ''",
        "'A: \t \r\n', ''",
        "'A: B: 1\r\n', B: 1",
        "'AA: 1\r\n', ",
        "'B: A: 1\r\n', ",
        "'A : 1\r\n', ",
        "' A: 1\r\n', "
    })
    void a_field_has_the_value_without_blanks_of_the_first_line_that_begins_with_its_name(String fields, String value) {
        assertThat(HttpRequest.field("GET / HTTP/1.1\r\n" + fields + "\r\n", "A"))
                .isEqualTo(Optional.ofNullable(value));
    }
}
