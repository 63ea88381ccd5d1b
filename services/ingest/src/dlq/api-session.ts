import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

/** The API of the Yunwei that runs on a data folder, signed in. */
export class ApiSession {
  readonly #base: string;
  readonly #token: string;

  private constructor(base: string, token: string) {
    this.#base = base;
    this.#token = token;
  }

  /** @throws Error when none runs there, or name or password are wrong */
  static async open(data: string, name: string, password: () => Promise<string>): Promise<ApiSession> {
    const running = await readFile(join(data, "running.json"), "utf8").catch(() => {
      throw new Error(`no Yunwei runs on ${resolve(data)}: start one with npm start, or give --data`);
    });
    const { api } = JSON.parse(running) as { api: string };
    const { token } = await ask<{ token: string }>(`${api}/session`, { name, password: await password() });
    return new ApiSession(api, token);
  }

  get<T>(path: string): Promise<T> {
    return ask(`${this.#base}${path}`, undefined, this.#token);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return ask(`${this.#base}${path}`, body, this.#token);
  }
}

async function ask<T>(url: string, body: unknown, token?: string): Promise<T> {
  const response = await fetch(url, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: Error) => {
    throw new Error(`${new URL(url).origin} does not answer: ${error.cause instanceof Error ? error.cause.message : error.message}`);
  });
  const answer = (await response.json().catch(() => ({}))) as { code?: string; message?: string };
  if (response.ok) return answer as T;
  throw new Error(`${answer.code ?? response.status}: ${answer.message ?? response.statusText}`);
}
