/** The members of a schema as a table: name, type, what it means. */

import classes from "./SchemaTable.module.css";
import { rowsOf } from "./schema.ts";
import type { Schema } from "./types.ts";

interface Props {
  title: string;
  /** Whose members they are, for those who cannot see where the table stands. */
  about: string;
  schema: Schema;
  order?: readonly string[] | undefined;
  /** Whether it is said which ones cannot be left out. */
  saysRequired?: boolean;
}

export function SchemaTable({ title, about, schema, order = [], saysRequired = false }: Props) {
  const rows = rowsOf(schema, order);
  if (rows.length === 0) return null;
  return (
    <div>
      <h3 className={classes.title}>{title}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section className={classes.frame} tabIndex={0} aria-label={`${title}: ${about}`}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Type</th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same name stands in several objects
              <tr key={`${row.name}-${at}`}>
                <th scope="row" style={{ paddingLeft: 10 + row.depth * 16 }}>
                  <code>{row.name}</code>
                  {saysRequired && row.isRequired && <span className={classes.needed}>needed</span>}
                </th>
                <td>{row.type}</td>
                <td>{row.text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
