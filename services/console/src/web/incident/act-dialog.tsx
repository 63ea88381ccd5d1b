import { Form, Input, Modal, Select } from "antd";
import type { Incident } from "../api/contracts.ts";
import { ofLocalField, toLocalField } from "../format/time.ts";
import { useWords } from "../format/use-words.ts";
import { ACT_FORMS, type ActField, bodyOf } from "./act-forms.ts";

interface ActDialogProps {
  readonly act: string;
  readonly incident: Incident;
  readonly busy: boolean;
  readonly onRun: (act: string, fields: Readonly<Record<string, unknown>>) => Promise<boolean>;
  readonly onClose: () => void;
}

/** Asks for the fields of an act; stays open with what was typed when the server refuses. */
export function ActDialog({ act, incident, busy, onRun, onClose }: ActDialogProps) {
  const { t, or } = useWords();
  const [form] = Form.useForm();
  const shape = ACT_FORMS[act]!;
  const finish = async (typed: Record<string, unknown>): Promise<void> => {
    if (await onRun(act, bodyOf(shape, typed, ofLocalField))) onClose();
  };
  const hint = or(`acts/hints/${act}`, "");
  return (
    <Modal
      open
      title={`${t(`acts/${act}`)} · ${incident.number}`}
      onCancel={onClose}
      onOk={() => form.submit()}
      okText={t(`acts/${act}`)}
      cancelText={t("common/cancel")}
      confirmLoading={busy}
      okButtonProps={{ danger: shape.danger === true }}
    >
      {hint === "" ? null : <p className="muted">{hint}</p>}
      <Form form={form} layout="vertical" initialValues={initialOf(act, incident)} onFinish={(typed: Record<string, unknown>) => void finish(typed)}>
        {shape.fields.map((field) => (
          <Form.Item key={field.name} name={field.name} label={labelOf(field, t)} rules={[{ required: field.required, whitespace: true }]}>
            <FieldInput field={field} />
          </Form.Item>
        ))}
      </Form>
    </Modal>
  );
}

function labelOf({ name, required, kind }: ActField, t: (key: string) => string): string {
  const zone = kind === "time" ? `${t("zone")}` : "";
  const notes = [zone, required ? "" : t("common/optional")].filter((note) => note !== "");
  return notes.length === 0 ? t(`fields/${name}`) : `${t(`fields/${name}`)} (${notes.join(", ")})`;
}

function FieldInput({ field, ...rest }: { field: ActField }) {
  const { t } = useWords();
  if (field.kind === "choice") return <Select {...rest} options={field.choices!.map((value) => ({ value, label: t(`choices/${value}`) }))} />;
  if (field.kind === "long") return <Input.TextArea {...rest} autoSize={{ minRows: 2, maxRows: 8 }} maxLength={2000} />;
  if (field.kind === "time") return <Input {...rest} type="datetime-local" />;
  return <Input {...rest} maxLength={field.name === "rootCause" ? 512 : 100} />;
}

function initialOf(act: string, { report, assignee }: Incident): Record<string, string> {
  if (act === "resolve") return { rootCause: report?.verdict === "cause" ? (report.causes[0]?.entity ?? "unknown") : "unknown" };
  if (act === "mitigate") return { serviceRestoredAt: toLocalField(Date.now()) };
  return act === "assign" && assignee !== undefined ? { assignee } : {};
}
