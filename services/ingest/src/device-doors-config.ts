import { Type } from "typebox";

const Port = (description: string) => Type.Integer({ minimum: 0, maximum: 65535, default: 0, description });

/** Variables of the doors for devices and links; a process that has such doors has these among its own. */
export const DEVICE_DOOR_VARIABLES = {
  YUNWEI_SYSLOG_UDP_PORT: Port("Syslog over UDP; 0: off. Customary: 514, or 5514 without privileges."),
  YUNWEI_SYSLOG_TCP_PORT: Port("Syslog over TCP; 0: off. Customary: 601, or 5601 without privileges."),
  YUNWEI_SYSLOG_TLS_PORT: Port("Syslog over TLS; 0: off. Customary: 6514. Needs certificate and key."),
  YUNWEI_SYSLOG_TLS_CERT: Type.String({ default: "", description: "File with the certificate chain of the syslog door, PEM." }),
  YUNWEI_SYSLOG_TLS_KEY: Type.String({ default: "", description: "File with its private key, PEM." }),
  YUNWEI_SYSLOG_TLS_CA: Type.String({
    default: "",
    description: "File with the CA whose certificates syslog senders must show, PEM; default: they need none.",
  }),
  YUNWEI_SYSLOG_TIME_ZONE: Type.String({ default: "Asia/Shanghai", description: "Zone of device clocks that name none." }),
  YUNWEI_SNMP_TRAP_PORT: Port("SNMP traps and informs; 0: off. Customary: 162, or 1162 without privileges."),
  YUNWEI_TWAMP_PORT: Port("Reflector of TWAMP-light test packets; 0: off. Customary: 862, or 8620 without privileges."),
} as const;
