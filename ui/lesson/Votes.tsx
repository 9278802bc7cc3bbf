import { fill, useWords } from "../i18n/text";
import styles from "./Votes.module.css";

const FIELDS = ["epoch", "zxid", "sid"] as const;

export interface VoteRow {
  readonly sid: number;
  readonly epoch: number;
  readonly zxid: string;
}

/** `<Votes by="zxid" rows={[...]} />`: two votes, the better one first, and the field that decides between them. */
export function Votes({
  by,
  rows,
}: {
  readonly by: (typeof FIELDS)[number];
  readonly rows: readonly VoteRow[];
}) {
  const words = useWords().votes;
  const decides = FIELDS.indexOf(by);
  return (
    <div className={styles.frame}>
      <table className={styles.votes}>
        <caption className="visually-hidden">
          {fill(words.caption[by], { sid: rows[0]?.sid ?? "" })}
        </caption>
        <thead>
          <tr>
            <th scope="col">{words.candidate}</th>
            {FIELDS.map((field, place) => (
              <th key={field} scope="col" data-decides={field === by || undefined}>
                {place + 1}&ensp;{words[field]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, rank) => (
            <tr key={row.sid} data-wins={rank === 0 || undefined}>
              <th scope="row">{fill(words.server, { sid: row.sid })}</th>
              {FIELDS.map((field, place) => (
                <td key={field}>
                  {place > decides ? (
                    <s>{row[field]}</s>
                  ) : place === decides ? (
                    rank === 0 ? (
                      <mark title={words.decides}>{row[field]}</mark>
                    ) : (
                      row[field]
                    )
                  ) : (
                    <>
                      {row[field]}
                      {rank === 0 && <span className={styles.equal}> =</span>}
                    </>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
