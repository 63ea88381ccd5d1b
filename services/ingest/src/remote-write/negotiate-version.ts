import type { IncomingHttpHeaders } from "node:http";
import { YunweiError } from "@yunwei/schemas";
import type { RemoteWriteVersion } from "./request-converter.ts";

const VERSIONS: ReadonlyMap<string, RemoteWriteVersion> = new Map([
  ["prometheus.WriteRequest", 1],
  ["io.prometheus.write.v2.Request", 2],
]);

/**
 * The message that a request holds, by the `proto=` parameter of its content-type: without one it is the 1.0 message. The
 * X-Prometheus-Remote-Write-Version header only says the same again, so it is not asked.
 * @throws YunweiError YUNWEI_OTLP_TYPE_UNSUPPORTED (415: a sender may then try another message)
 */
export function negotiateVersion(headers: IncomingHttpHeaders): RemoteWriteVersion {
  const encoding = String(headers["content-encoding"] ?? "").toLowerCase();
  if (encoding !== "snappy") throw unsupported(`content-encoding ${encoding.slice(0, 40) || "(none)"} is not known here: send snappy`);
  const [type = "", ...parameters] = (headers["content-type"] ?? "").split(";").map((part) => part.trim());
  if (type.toLowerCase() !== "application/x-protobuf")
    throw unsupported(`content-type ${type.slice(0, 60) || "(none)"} is not known here: send application/x-protobuf`);
  const proto = parameters.find((parameter) => parameter.toLowerCase().startsWith("proto="))?.slice("proto=".length);
  const version = proto === undefined ? 1 : VERSIONS.get(proto.replace(/^"(.*)"$/, "$1"));
  if (version === undefined) throw unsupported(`proto=${proto?.slice(0, 60)} is not known here: ${[...VERSIONS.keys()].join(" and ")} are`);
  return version;
}

function unsupported(message: string): YunweiError {
  return new YunweiError("YUNWEI_OTLP_TYPE_UNSUPPORTED", message);
}
