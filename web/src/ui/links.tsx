/** Mantine's links, buttons and entries of menus as links of the router, which knows every address and what it takes. */
import {
  ActionIcon,
  type ActionIconProps,
  Anchor,
  type AnchorProps,
  Button,
  type ButtonProps,
  Menu,
  type MenuItemProps,
} from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentProps } from "react";

/** What a component takes by itself, and what every link takes besides. */
type AsLink<Own> = Own & Omit<ComponentProps<"a">, keyof Own>;

export const LinkAnchor = createLink((props: AsLink<AnchorProps>) => <Anchor {...props} />);
export const LinkButton = createLink((props: AsLink<ButtonProps>) => <Button component="a" {...props} />);
export const LinkIcon = createLink((props: AsLink<ActionIconProps>) => (
  <ActionIcon component="a" {...props} />
));
export const LinkMenuItem = createLink((props: AsLink<MenuItemProps>) => (
  <Menu.Item component="a" {...props} />
));
