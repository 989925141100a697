/** Which workspace one is in. */
import { useMe } from "../auth/me.ts";
import classes from "./Sidebar.module.css";

export function WorkspaceSwitcher() {
  const me = useMe();
  return (
    <div className={classes.person}>
      <img src="/flero.svg" alt="" width={28} height={28} />
      <span className={classes.words}>
        <span className={classes.name}>{me.workspaceName}</span>
        <span className={classes.hint}>{me.role.charAt(0).toUpperCase() + me.role.slice(1)}</span>
      </span>
    </div>
  );
}
