import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:tls";
import { describe, expect, it } from "vitest";
import { TestAuthority } from "./test-authority.ts";

describe("TestAuthority", () => {
  it("issues certificates that verify against itself and no other", () => {
    const authority = new TestAuthority();
    const issued = new X509Certificate(authority.issue("broker.test").cert);
    expect(issued.verify(new X509Certificate(authority.ca).publicKey)).toBe(true);
    expect(issued.verify(new X509Certificate(new TestAuthority().ca).publicKey)).toBe(false);
    expect(issued.checkHost("broker.test")).toBe("broker.test");
    expect(issued.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(Date.parse(issued.validTo)).toBeGreaterThan(Date.now());
  });

  it("carries a TLS connection with certificates on both sides", async () => {
    const authority = new TestAuthority();
    const server = createServer({ ...authority.issue("server"), ca: authority.ca, requestCert: true, rejectUnauthorized: true }, (socket) => {
      socket.end(`hello ${socket.getPeerCertificate().subject.CN}`);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const socket = connect({ host: "127.0.0.1", port, ca: authority.ca, ...authority.issue("client") });
    const [text] = (await once(socket.setEncoding("utf8"), "data")) as [string];
    expect(text).toBe("hello client");
    socket.destroy();
    server.close();
  });
});
