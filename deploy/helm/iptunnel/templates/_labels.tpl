{{- define "iptunnel.podLabels" -}}
app.kubernetes.io/name: iptunnel
app.kubernetes.io/part-of: iptunnel
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | replace "+" "_" | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- with .root.Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "iptunnel.labels" -}}
{{ include "iptunnel.podLabels" . }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- /* What every object of the agent carries besides its name. */}}
{{- define "iptunnel.metadata" -}}
labels:
  {{- include "iptunnel.labels" (dict "root" . "component" "agent") | nindent 2 }}
{{- with .Values.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
