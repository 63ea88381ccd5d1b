import type { WireWriter } from "@yunwei/otlp";

const key = (text: string): Uint8Array => new TextEncoder().encode(text);
const SERVICE_NAME = key("service.name");
const SERVICE_NAMESPACE = key("service.namespace");
const SERVICE_INSTANCE = key("service.instance.id");
const HOST_NAME = key("host.name");
const SITE = key("yunwei.site");
const DEPARTMENT = key("yunwei.department");
const SLASH = 0x2f;
const COLON = 0x3a;
const CLOSING_BRACKET = 0x5d;

/**
 * The attributes of a resource from a series' labels (OpenTelemetry, "Prometheus and OpenMetrics Compatibility"): `job` is
 * `service.name`, or `namespace/name`; `instance` is `service.instance.id`, and without a job its host part is `host.name`.
 * @param slices - where the values of job, instance, site and department start and end in `bytes`; equal = there is none
 */
export function writeResource(out: WireWriter, bytes: Uint8Array, slices: Int32Array): void {
  const put = (name: Uint8Array, start: number, end: number): void => {
    if (end > start) out.keyValue(1, name, 0, name.length, bytes, start, end);
  };
  const jobStart = slices[0]!;
  const jobEnd = slices[1]!;
  const slash = find(bytes, SLASH, jobStart, jobEnd);
  if (slash > jobStart && slash < jobEnd - 1) {
    put(SERVICE_NAMESPACE, jobStart, slash);
    put(SERVICE_NAME, slash + 1, jobEnd);
  } else put(SERVICE_NAME, jobStart, jobEnd);
  put(SERVICE_INSTANCE, slices[2]!, slices[3]!);
  if (jobEnd === jobStart) put(HOST_NAME, slices[2]!, hostEnd(bytes, slices[2]!, slices[3]!));
  put(SITE, slices[4]!, slices[5]!);
  put(DEPARTMENT, slices[6]!, slices[7]!);
}

/** Where the first such byte is, `end` when there is none. */
function find(bytes: Uint8Array, wanted: number, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== wanted) at++;
  return at;
}

/** Where the host of `host:port` ends; the end itself when no port is behind it (an IPv6 address without brackets has none). */
function hostEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && bytes[at - 1]! >= 0x30 && bytes[at - 1]! <= 0x39) at--;
  const colon = at - 1;
  if (at === end || colon <= start || bytes[colon] !== COLON) return end;
  return find(bytes, COLON, start, colon) < colon && bytes[colon - 1] !== CLOSING_BRACKET ? end : colon;
}
