import { type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { FastifyInstance } from "fastify";

/** A span a request of the API, named by its route: an id in the path makes no new name (OpenTelemetry HTTP conventions). */
export function traceRequests(app: FastifyInstance): void {
  const tracer = trace.getTracer("yunwei.console");
  const spans = new WeakMap<object, Span>();
  app.addHook("onRequest", async (request) => {
    const route = request.routeOptions.url ?? "(no route)";
    if (route.startsWith("/api/"))
      spans.set(
        request,
        tracer.startSpan(`${request.method} ${route}`, { kind: SpanKind.SERVER, attributes: { "http.request.method": request.method, "http.route": route } }),
      );
  });
  app.addHook("onResponse", async (request, reply) => {
    const span = spans.get(request);
    if (span === undefined) return;
    span.setAttribute("http.response.status_code", reply.statusCode);
    if (reply.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
}
