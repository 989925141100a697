/** A field that takes text with expressions, with completion from real data. CodeMirror 6. */

import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, type Extension, Prec } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  keymap,
  placeholder as placeholderText,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { pageNonce } from "../../nonce.ts";
import { segmentsOf } from "../model/references.ts";
import { type CompletionData, completeExpression } from "./completion.ts";
import classes from "./ExpressionInput.module.css";

interface Props {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly label: string;
  readonly describedBy?: string | undefined;
  readonly placeholder?: string | undefined;
  readonly multiline?: boolean | undefined;
  readonly language?: "template" | "json" | "javascript" | undefined;
  readonly invalid?: boolean | undefined;
  /** What can be completed, asked for when it is needed. */
  readonly data?: (() => CompletionData) | undefined;
  readonly onFocus?: ((insert: (text: string) => void) => void) | undefined;
  readonly onBlur?: (() => void) | undefined;
}

const expressionMark = Decoration.mark({ class: classes.expression ?? "" });

function markExpressions(view: EditorView): DecorationSet {
  const text = view.state.doc.toString();
  const marks = segmentsOf(text).filter((segment) => segment.expression);
  return Decoration.set(
    marks.map((segment) =>
      expressionMark.range(segment.start - 2, segment.start + segment.text.length + (segment.open ? 0 : 2)),
    ),
  );
}

/** Colours what stands between the braces. */
const expressions = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = markExpressions(view);
    }
    update(update: ViewUpdate) {
      if (update.docChanged) this.decorations = markExpressions(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--flero-info)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--flero-good)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--flero-warn)" },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--flero-accent-ink)" },
  { tag: tags.comment, color: "var(--flero-ink-faint)", fontStyle: "italic" },
]);

/** A field of one line takes no line breaks: pasted ones become spaces. */
const oneLine = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged || transaction.newDoc.lines <= 1) return transaction;
  const text = transaction.newDoc.toString().replace(/\s*\n\s*/g, " ");
  return [
    {
      changes: { from: 0, to: transaction.startState.doc.length, insert: text },
      selection: { anchor: Math.min(text.length, transaction.newSelection.main.head) },
    },
  ];
});

function extensionsOf(props: Props, latest: { current: Props }, attributes: Compartment): Extension[] {
  const nonce = pageNonce();
  const language =
    props.language === "javascript" ? [javascript()] : props.language === "json" ? [json()] : [];
  const template = props.language === "javascript" ? [] : [expressions];
  return [
    ...(nonce ? [EditorView.cspNonce.of(nonce)] : []),
    history(),
    closeBrackets(),
    syntaxHighlighting(colours),
    ...language,
    ...template,
    autocompletion({
      override:
        props.language === "javascript"
          ? undefined
          : [(context) => (latest.current.data ? completeExpression(context, latest.current.data()) : null)],
      icons: false,
      closeOnBlur: true,
    } as Parameters<typeof autocompletion>[0]),
    Prec.high(keymap.of([{ key: "Tab", run: acceptCompletion }])),
    // Enter is left to the page in a field of one line, Mod-Enter (run) always.
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...historyKeymap,
      ...defaultKeymap.filter((binding) => binding.key !== "Mod-Enter"),
    ]),
    props.multiline ? EditorView.lineWrapping : oneLine,
    props.placeholder ? placeholderText(props.placeholder) : [],
    attributes.of([]),
    EditorView.updateListener.of((update) => {
      // What scrolls has to be reachable by keyboard, the list of completions too.
      const list = update.view.dom.querySelector(".cm-tooltip-autocomplete > ul");
      if (list && !list.hasAttribute("tabindex")) list.setAttribute("tabindex", "0");
      if (update.docChanged) latest.current.onChange(update.state.doc.toString());
      if (update.focusChanged) {
        if (update.view.hasFocus) latest.current.onFocus?.((text) => insertInto(update.view, text));
        else latest.current.onBlur?.();
      }
    }),
  ];
}

/** Puts text where the caret is; inside of braces without braces of its own. */
function insertInto(view: EditorView, text: string): void {
  const { from, to } = view.state.selection.main;
  const inside = segmentsOf(view.state.doc.toString()).some(
    (segment) => segment.expression && from >= segment.start && from <= segment.start + segment.text.length,
  );
  const insert = inside ? text.replace(/^\{\{\s*|\s*\}\}$/g, "") : text;
  view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length } });
  view.focus();
}

/** Tells those who cannot see it what the field is, and how it stands. */
function tell(
  view: EditorView,
  attributes: Compartment,
  { label, describedBy, invalid }: Pick<Props, "label" | "describedBy" | "invalid">,
): void {
  view.dispatch({
    effects: attributes.reconfigure(
      EditorView.contentAttributes.of({
        "aria-label": label,
        // What scrolls holds something that the keyboard reaches.
        tabindex: "0",
        ...(describedBy ? { "aria-describedby": describedBy } : {}),
        ...(invalid ? { "aria-invalid": "true" } : {}),
      }),
    ),
  });
}

/** A field that takes text with expressions. */
export function ExpressionInput(props: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  const attributes = useRef(new Compartment());
  latest.current = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; later values are brought in below
  useEffect(() => {
    if (!host.current) return;
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: props.value,
        extensions: extensionsOf(props, latest, attributes.current),
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, [props.language, props.multiline]);
  useEffect(() => {
    const editor = view.current;
    // What was typed is there already; an undo or another node is brought in.
    if (!editor || editor.state.doc.toString() === props.value) return;
    // With a past of its own the field would bring back what was taken out, a pasted secret above all.
    const anchor = Math.min(editor.state.selection.main.anchor, props.value.length);
    editor.setState(
      EditorState.create({
        doc: props.value,
        selection: { anchor },
        extensions: extensionsOf(latest.current, latest, attributes.current),
      }),
    );
    tell(editor, attributes.current, latest.current);
  }, [props.value]);
  const { label, describedBy, invalid } = props;
  useEffect(() => {
    if (view.current) tell(view.current, attributes.current, { label, describedBy, invalid });
  }, [label, describedBy, invalid]);
  return (
    <div
      ref={host}
      className={classes.input}
      data-multiline={props.multiline || undefined}
      data-code={props.language === "javascript" || undefined}
      data-invalid={props.invalid || undefined}
    />
  );
}
