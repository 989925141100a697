/** The part of the service's guide that says how to get a credential, folded. */
import { Button, Collapse } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { BookOpen, ChevronDown } from "lucide-react";
import { lazy, Suspense } from "react";
import { sectionOf } from "../../ui/guide.ts";
import classes from "./HowToGet.module.css";

// Reading Markdown is a large part of code that most people do not need here.
const GuideText = lazy(() => import("../../ui/Markdown.tsx"));

interface Props {
  guide: string;
  /** Who gives it; nobody where any server may. */
  at?: string | undefined;
}

export function HowToGet({ guide, at }: Props) {
  const [isOpen, { toggle }] = useDisclosure(false);
  const text = sectionOf(guide, "Get a credential");
  if (!text) return null;
  return (
    <div className={classes.root}>
      <Button
        variant="subtle"
        size="compact-sm"
        onClick={toggle}
        aria-expanded={isOpen}
        leftSection={<BookOpen size={14} aria-hidden />}
        rightSection={<ChevronDown size={14} aria-hidden />}
      >
        How to get it{at && ` at ${at}`}
      </Button>
      <Collapse expanded={isOpen}>
        <div className={classes.text}>
          <Suspense>{isOpen && <GuideText text={text} />}</Suspense>
        </div>
      </Collapse>
    </div>
  );
}
