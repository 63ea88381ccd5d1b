import { Modal } from "antd";
import { useWords } from "../format/use-words.ts";

const KEYS = [
  [["g", "o"], "goOverview"],
  [["g", "i"], "goIncidents"],
  [["g", "e"], "goEntities"],
  [["j"], "next"],
  [["k"], "previous"],
  [["Enter"], "openItem"],
  [["a"], "acknowledge"],
  [["/"], "search"],
  [["?"], "help"],
] as const;

/** The keyboard shortcuts. */
export function HelpDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useWords();
  return (
    <Modal open={open} onCancel={onClose} footer={null} title={t("help/title")} destroyOnHidden>
      <table className="plain">
        <tbody>
          {KEYS.map(([keys, name]) => (
            <tr key={name}>
              <th scope="row">
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </th>
              <td>{t(`help/${name}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
