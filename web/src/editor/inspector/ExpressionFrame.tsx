/**
 * The frame of a field that is no text by itself: a number, a choice, a list. A button turns it into an expression
 * and back; a value that is an expression already is shown as one.
 */

import { ActionIcon, Tooltip } from "@mantine/core";
import { Braces } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Json } from "../model/document.ts";
import { type Field, hasExpression } from "../model/fields.ts";
import { ExpressionInput } from "./ExpressionInput.tsx";
import { Frame, type Path, useForm, useValue } from "./form.tsx";
import { Preview } from "./Preview.tsx";

interface Props {
  readonly field: Field;
  readonly path: Path;
  /** The control for a value that is no expression. */
  readonly children: (ids: {
    readonly describedBy: string | undefined;
    readonly invalid: boolean;
  }) => ReactNode;
}

export function ExpressionFrame({ field, path, children }: Props) {
  const { node, completion, onInsert } = useForm();
  const [value, set] = useValue(path);
  const [isWished, setIsWished] = useState(false);
  const isExpression = hasExpression(value) || (isWished && !field.fixed);
  const turn = () => {
    setIsWished(!isExpression);
    if (isExpression) set(undefined);
    else if (value !== undefined) set(`{{ ${JSON.stringify(value)} }}`);
  };
  return (
    <Frame
      label={field.label}
      help={field.help}
      required={field.required}
      path={path}
      aside={
        !field.fixed && (
          <Tooltip label={isExpression ? "Choose a fixed value" : "Write an expression"}>
            <ActionIcon
              size="xs"
              variant={isExpression ? "light" : "subtle"}
              color={isExpression ? undefined : "gray"}
              aria-pressed={isExpression}
              aria-label={`Expression for ${field.label}`}
              onClick={turn}
            >
              <Braces size={12} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )
      }
      below={hasExpression(value) ? <Preview nodeId={node.id} value={value as Json} /> : undefined}
    >
      {(ids) =>
        isExpression ? (
          <ExpressionInput
            label={field.label}
            placeholder="{{ $input.value }}"
            value={typeof value === "string" ? value : ""}
            onChange={(text) => set(text === "" ? undefined : text)}
            data={completion}
            onFocus={onInsert}
            {...ids}
          />
        ) : (
          children(ids)
        )
      }
    </Frame>
  );
}
