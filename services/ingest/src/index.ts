export { createIngest, type Ingest, type IngestDependencies } from "./app.ts";
export { hashOfSecret, type IngestToken } from "./domain/ingest-token.ts";
export type { GrpcDoor } from "./grpc/grpc-server.ts";
