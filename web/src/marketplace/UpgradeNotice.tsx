/** What a later version would change, in place before anybody asks for it. */
import { Notice } from "../ui/Notice.tsx";
import { ChangeView } from "./ChangeView.tsx";
import { needsConsent, partsOf } from "./model.ts";
import classes from "./Reach.module.css";
import type { Package } from "./types.ts";

export function UpgradeNotice({ one, canInstall }: { one: Package; canInstall: boolean }) {
  if (!one.installed || !one.change) return null;
  const reachesFurther = needsConsent(one.change);
  return (
    <section className={classes.upgrade} aria-label={`What ${one.version} changes`}>
      <h2>
        What {one.version} changes against {one.installed.version}
      </h2>
      <Notice tone={reachesFurther ? "warn" : "good"}>
        {reachesFurther
          ? "It reaches further than what is installed: somebody has to agree to what it adds."
          : "It reaches no further than what is installed."}
        {!canInstall && " An admin of the workspace can upgrade it."}
      </Notice>
      {partsOf(one.change).length > 0 && <ChangeView change={one.change} />}
    </section>
  );
}
