/**
 * The credentials as a list or as cards. Only what can be seen is in the page, so that thousands of them scroll
 * without a stutter; further pages are fetched before the end comes into view.
 */
// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed one by one cannot be rows of a table element
// biome-ignore-all lint/a11y/useFocusableInteractive: cells and headers are not interactive here

import { useElementSize } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useRef } from "react";
import type { Credential } from "../api/types.ts";
import { Ago } from "../ui/Ago.tsx";
import classes from "./CredentialList.module.css";
import { CredentialStatus } from "./CredentialStatus.tsx";
import type { CredentialDialog } from "./queries.ts";
import { RowMenu } from "./RowMenu.tsx";
import { ServiceTile } from "./service/ServiceTile.tsx";
import { useServiceNames } from "./service/use-service-name.ts";
import { authTypeLabel, scopeLabel } from "./words.ts";

interface Props {
  credentials: Credential[];
  total: number;
  view: "list" | "grid";
  mayChange: (credential: Credential) => boolean;
  onOpen: (dialog: CredentialDialog) => void;
  /** Called when the end comes near. */
  onMore: () => void;
}

const ROW_PX = 53;
const CARD_PX = 152;
const CARD_MIN_PX = 270;

interface ItemProps extends Pick<Props, "mayChange" | "onOpen"> {
  credential: Credential;
  /** The name of its service. */
  service: string;
}

/**
 * One row. While one scrolls the list is drawn with every frame, and the rows that stay are not drawn again. Those that
 * come are made of plain elements: a component of the library costs more than all the rest of a row.
 */
const Item = memo(function Item({ credential, service, mayChange, onOpen }: ItemProps) {
  const canChange = mayChange(credential);
  const isEditable = canChange && credential.status !== "revoked";
  const open = () => onOpen({ kind: isEditable ? "edit" : "usage", credential });
  return (
    <>
      <div className={classes.title} role="cell">
        <ServiceTile id={credential.service} name={service} size={28} />
        <span className={classes.names}>
          <button type="button" className={classes.name} onClick={open}>
            {credential.name}
          </button>
          <span className={classes.service}>
            {credential.account ? `${service} · ${credential.account}` : service}
          </span>
        </span>
      </div>
      <div role="cell" className={classes.type}>
        {authTypeLabel(credential.authType)}
      </div>
      <div role="cell" className={classes.scope}>
        <span className={classes.chip}>{scopeLabel(credential.scope)}</span>
      </div>
      <div role="cell" className={classes.used}>
        <Ago at={credential.lastUsedAt} never="Never used" />
      </div>
      <div role="cell" className={classes.status}>
        <CredentialStatus credential={credential} canChange={canChange} onOpen={onOpen} />
      </div>
      <div role="cell" className={classes.menu}>
        <RowMenu credential={credential} canChange={canChange} onOpen={onOpen} />
      </div>
    </>
  );
});

export function CredentialList({ credentials, total, view, mayChange, onOpen, onMore }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const nameOf = useServiceNames();
  const { ref: sizeRef, width } = useElementSize();
  const lanes = view === "grid" ? Math.max(1, Math.floor((width || 1) / CARD_MIN_PX)) : 1;
  const rows = Math.ceil(credentials.length / lanes);
  const virtualizer = useVirtualizer({
    count: rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => (view === "grid" ? CARD_PX : ROW_PX),
    overscan: 8,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (credentials.length < total && last >= rows - 20) onMore();
  }, [credentials.length, total, last, rows, onMore]);

  return (
    <div
      className={classes.frame}
      data-view={view}
      role="table"
      aria-label="Credentials"
      aria-rowcount={total + 1}
    >
      <div role="rowgroup" className={classes.head}>
        <div role="row" className={classes.row}>
          {["Name", "Type", "Scope", "Last used", "Status"].map((name) => (
            <div key={name} role="columnheader">
              {name}
            </div>
          ))}
          <div role="columnheader">
            <span className={classes.hidden}>Actions</span>
          </div>
        </div>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <div ref={scroller} className={classes.scroller} role="rowgroup" tabIndex={0}>
        <div
          ref={sizeRef}
          style={{ height: virtualizer.getTotalSize(), position: "relative" }}
          role="presentation"
        >
          {items.map((item) => (
            <div
              key={item.key}
              role="presentation"
              className={classes.lane}
              style={{
                transform: `translateY(${item.start}px)`,
                gridTemplateColumns: `repeat(${lanes}, minmax(0, 1fr))`,
              }}
            >
              {credentials.slice(item.index * lanes, (item.index + 1) * lanes).map((credential, at) => (
                <div
                  key={credential.id}
                  role="row"
                  aria-rowindex={item.index * lanes + at + 2}
                  className={classes.row}
                >
                  <Item
                    credential={credential}
                    service={nameOf(credential.service)}
                    mayChange={mayChange}
                    onOpen={onOpen}
                  />
                </div>
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
