/** The way from a screen to its page of the guide. */
import { Tooltip } from "@mantine/core";
import { CircleHelp } from "lucide-react";
import { LinkIcon } from "./links.tsx";

interface Props {
  /** The page of the guide, and the section of it. */
  page: string;
  section?: string;
  /** What it is about, as in "Guide: Executions". */
  about: string;
  /** Whether it opens beside what is being worked on. */
  isBeside?: boolean;
}

export function HelpLink({ page, section = "", about, isBeside = false }: Props) {
  return (
    <Tooltip label={`Guide: ${about}`}>
      <LinkIcon
        to="/docs/$page"
        params={{ page }}
        hash={section}
        {...(isBeside ? { target: "_blank", rel: "noreferrer" } : {})}
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={`Guide: ${about}`}
      >
        <CircleHelp size={15} aria-hidden />
      </LinkIcon>
    </Tooltip>
  );
}
