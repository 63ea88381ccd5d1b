import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { hostAttributes, observeHost } from "./host/host-metrics.ts";

export interface TelemetryOptions {
  /** Base address of our own OTLP endpoint, e.g. `http://127.0.0.1:4318`. */
  readonly endpoint: string;
  readonly token: string;
  readonly site: string;
  readonly version: string;
  /** Whether this machine's own metrics are sent as well. */
  readonly host: boolean;
  readonly intervalMs: number;
}

export interface Telemetry {
  close(): Promise<void>;
}

/**
 * Sends our own metrics and traces, and this machine's, to our own endpoint: through OpenTelemetry's SDK and the same
 * door as everyone's. Nothing of it leaves the machine. Must run before the services make their instruments.
 */
export function startTelemetry(options: TelemetryOptions): Telemetry {
  const headers = { authorization: `Bearer ${options.token}` };
  const metricReader = (): PeriodicExportingMetricReader =>
    new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter({ url: `${options.endpoint}/v1/metrics`, headers }),
      exportIntervalMillis: options.intervalMs,
      exportTimeoutMillis: Math.min(options.intervalMs, 5_000),
    });
  const host = hostAttributes(options.site);
  const sdk = new NodeSDK({
    resource: resourceFromAttributes({
      ...host,
      "service.name": "yunwei-standalone",
      "service.namespace": "yunwei",
      "service.instance.id": host["host.name"]!,
      "service.version": options.version,
    }),
    autoDetectResources: false,
    metricReaders: [metricReader()],
    traceExporter: new OTLPTraceExporter({ url: `${options.endpoint}/v1/traces`, headers }),
    instrumentations: [],
  });
  sdk.start();
  const provider = options.host ? new MeterProvider({ resource: resourceFromAttributes(host), readers: [metricReader()] }) : undefined;
  if (provider !== undefined) observeHost(provider.getMeter("yunwei.host"));
  return {
    async close() {
      await Promise.allSettled([provider?.shutdown(), sdk.shutdown()]);
    },
  };
}
