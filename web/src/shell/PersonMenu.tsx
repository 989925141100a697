/** Who is signed in, the colour scheme, and the way out. */
import { Avatar, Menu, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { LogOut, Monitor, Moon, Sun } from "lucide-react";
import { api, hasKeyInMemory, rememberKey, value } from "../api/client.ts";
import { useMe } from "../auth/me.ts";
import classes from "./Sidebar.module.css";

const SCHEMES = [
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
  { value: "auto", label: "As the system", icon: Monitor },
] as const;

export function PersonMenu() {
  const me = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const queryClient = useQueryClient();
  const navigate = useNavigate();

  const leave = async () => {
    if (hasKeyInMemory()) rememberKey(undefined);
    else await value(api.POST("/api/auth/logout")).catch(() => undefined);
    await navigate({ to: "/login" });
    queryClient.clear();
  };

  return (
    <Menu position="top-start" width={220}>
      <Menu.Target>
        <UnstyledButton className={classes.person}>
          <Avatar name={me.name} size={28} radius="xl" color="teal" alt="" />
          <span className={classes.words}>
            <span className={classes.name}>{me.name}</span>
            <span className={classes.hint}>{me.email}</span>
          </span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Colour scheme</Menu.Label>
        {SCHEMES.map(({ value, label, icon: Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={14} aria-hidden />}
            rightSection={colorScheme === value ? "✓" : undefined}
            onClick={() => setColorScheme(value)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={14} aria-hidden />} onClick={leave}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
