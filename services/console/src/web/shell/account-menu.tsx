import { UserOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown, Form, Input, Modal } from "antd";
import { useState } from "react";
import type { Session } from "../api/contracts.ts";
import { request } from "../api/request.ts";
import { useWords } from "../format/use-words.ts";
import { problemText } from "../parts/problem.tsx";

/** Who is signed in; password and signing out. */
export function AccountMenu({ session }: { session: Session }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [changing, setChanging] = useState(false);
  const signOut = async (): Promise<void> => {
    await request("DELETE", "/session").catch(() => undefined);
    client.clear();
    location.assign("/");
  };
  const items = [
    { key: "who", label: `${session.name} · ${t(`roles/${session.role}`)}`, disabled: true },
    { key: "password", label: t("account/changePassword"), onClick: () => setChanging(true) },
    { key: "out", label: t("account/signOut"), onClick: () => void signOut() },
  ];
  return (
    <>
      <Dropdown menu={{ items }} trigger={["click"]}>
        <Button type="text" icon={<UserOutlined />} aria-label={`${t("account/menu")} ${session.name}`}>
          <span className="only-wide-inline">{session.name}</span>
        </Button>
      </Dropdown>
      <PasswordDialog open={changing} onClose={() => setChanging(false)} />
    </>
  );
}

interface PasswordFields {
  readonly current: string;
  readonly next: string;
}

function PasswordDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const words = useWords();
  const { t } = words;
  const { message } = App.useApp();
  const [form] = Form.useForm<PasswordFields>();
  const [busy, setBusy] = useState(false);
  const change = async (fields: PasswordFields): Promise<void> => {
    setBusy(true);
    try {
      await request("POST", "/session/password", fields);
      void message.success(t("account/changed"));
      onClose();
    } catch (error) {
      void message.error(`${problemText(error, words)} ${error instanceof Error ? error.message : ""}`);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open={open}
      onCancel={onClose}
      title={t("account/changePassword")}
      okText={t("common/ok")}
      cancelText={t("common/cancel")}
      confirmLoading={busy}
      onOk={() => form.submit()}
      destroyOnHidden
    >
      <Form form={form} layout="vertical" onFinish={(fields) => void change(fields)} preserve={false}>
        <Form.Item name="current" label={t("account/current")} rules={[{ required: true }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item name="next" label={t("account/next")} rules={[{ required: true, min: 10, max: 200 }]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
      </Form>
    </Modal>
  );
}
