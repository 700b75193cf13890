/*
 * Makes NUMBER tunnels as the agent does, as fast as the kernel can: SIOCADDTUNNEL, then RTM_SETLINK (alias, MTU, up) and
 * RTM_NEWADDR, each acknowledged. What e2e/bench compares with.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_tunnel.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int ioctls, netlink;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void put(struct nlmsghdr *message, unsigned short type, const void *data, unsigned short length)
{
	struct rtattr *attribute = (struct rtattr *)((char *)message + NLMSG_ALIGN(message->nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = RTA_LENGTH(length);
	memcpy(RTA_DATA(attribute), data, length);
	message->nlmsg_len = NLMSG_ALIGN(message->nlmsg_len) + RTA_ALIGN(attribute->rta_len);
}

static void execute(struct nlmsghdr *message)
{
	char answer[4096];
	struct nlmsgerr *error;

	message->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	if (send(netlink, message, message->nlmsg_len, 0) < 0 || recv(netlink, answer, sizeof(answer), 0) < 0)
		fail("netlink");
	error = NLMSG_DATA((struct nlmsghdr *)answer);
	if (error->error) {
		errno = -error->error;
		fail("rtnetlink");
	}
}

static void make(int i)
{
	char buffer[1024] = { 0 }, alias[256];
	struct nlmsghdr *message = (struct nlmsghdr *)buffer;
	struct ip_tunnel_parm parm = { 0 };
	struct ifreq request = { 0 };
	struct ifinfomsg *link;
	struct ifaddrmsg *address;
	unsigned int mtu = 1480, index;
	in_addr_t inner = htonl((10 << 24) | ((100 + i / 65536) << 16) | (i & 0xffff));

	snprintf(parm.name, sizeof(parm.name), "bench%d", i);
	parm.iph.version = 4;
	parm.iph.ihl = 5;
	parm.iph.ttl = 64;
	parm.iph.frag_off = htons(0x4000 /* IP_DF */);
	parm.iph.protocol = IPPROTO_IPIP;
	parm.iph.saddr = inet_addr("192.0.2.1");
	parm.iph.daddr = htonl((192u << 24) | ((3 + i / 250) << 8) | (1 + i % 250));
	strcpy(request.ifr_name, "tunl0");
	request.ifr_data = (char *)&parm;
	if (ioctl(ioctls, SIOCADDTUNNEL, &request) < 0)
		fail("SIOCADDTUNNEL");
	strcpy(request.ifr_name, parm.name);
	if (ioctl(ioctls, SIOCGIFINDEX, &request) < 0)
		fail("SIOCGIFINDEX");
	index = request.ifr_ifindex;

	snprintf(alias, sizeof(alias), "iptunnel.dev/v1 manager=11111111-2222-3333-4444-555555555555 uid=uid-%d deletion=Delete name=bench%d", i, i);
	message->nlmsg_len = NLMSG_LENGTH(sizeof(*link));
	message->nlmsg_type = RTM_SETLINK;
	link = NLMSG_DATA(message);
	link->ifi_index = index;
	link->ifi_flags = link->ifi_change = IFF_UP;
	put(message, IFLA_IFALIAS, alias, strlen(alias));
	put(message, IFLA_MTU, &mtu, sizeof(mtu));
	execute(message);

	memset(buffer, 0, sizeof(buffer));
	message->nlmsg_len = NLMSG_LENGTH(sizeof(*address));
	message->nlmsg_type = RTM_NEWADDR;
	message->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	address = NLMSG_DATA(message);
	address->ifa_family = AF_INET;
	address->ifa_prefixlen = 32;
	address->ifa_index = index;
	put(message, IFA_LOCAL, &inner, sizeof(inner));
	put(message, IFA_ADDRESS, &inner, sizeof(inner));
	execute(message);
}

int main(int argc, char **argv)
{
	int i, number = argc > 1 ? atoi(argv[1]) : 1000;

	ioctls = socket(AF_INET, SOCK_DGRAM, 0);
	netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	if (ioctls < 0 || netlink < 0)
		fail("socket");
	for (i = 0; i < number; i++)
		make(i);
	return 0;
}
