import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import type { Session } from "../api/contracts.ts";
import { ApiError, request } from "../api/request.ts";
import { useWords } from "../format/use-words.ts";
import { problemText } from "../parts/problem.tsx";
import { Choices } from "../shell/shell.tsx";
import { useTitle } from "../shell/use-title.ts";

interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** Name and password. @param wasSignedIn - a session was there and ended */
export function SignInPage({ wasSignedIn }: { wasSignedIn: boolean }) {
  const words = useWords();
  const { t } = words;
  useTitle(t("account/signIn"));
  const client = useQueryClient();
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const signIn = async (credentials: Credentials): Promise<void> => {
    setBusy(true);
    setProblem("");
    try {
      const { name, role, permissions } = await request<Session>("POST", "/session", credentials);
      client.setQueryData(["session"], { name, role, permissions });
      await client.invalidateQueries();
    } catch (error) {
      setProblem(error instanceof ApiError && error.status === 401 ? t("account/wrong") : problemText(error, words));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="sign-in">
      <div className="sign-in-choices">
        <Choices />
      </div>
      <div className="card sign-in-card">
        <h1>
          <img src="/favicon.svg" alt="" width="34" height="34" /> {t("title")}
        </h1>
        {wasSignedIn ? <p className="muted">{t("account/signedOut")}</p> : null}
        <Form layout="vertical" requiredMark={false} onFinish={(fields: Credentials) => void signIn(fields)}>
          <Form.Item name="name" label={t("account/name")} rules={[{ required: true, max: 100 }]}>
            <Input autoComplete="username" autoFocus size="large" />
          </Form.Item>
          <Form.Item name="password" label={t("account/password")} rules={[{ required: true, max: 200 }]}>
            <Input.Password autoComplete="current-password" size="large" />
          </Form.Item>
          {problem === "" ? null : (
            <p role="alert" className="form-problem">
              <span aria-hidden="true">⚠ </span>
              {problem}
            </p>
          )}
          <Button type="primary" htmlType="submit" size="large" block loading={busy}>
            {t("account/signIn")}
          </Button>
        </Form>
        <p className="muted small">{t("account/hint")}</p>
      </div>
    </main>
  );
}
