/** How often mails are sent about each category. A choice holds as soon as it is made. */
import { Select, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { sentence } from "../api/problem.ts";
import { useMe } from "../auth/me.ts";
import { DataTable } from "../ui/DataTable.tsx";
import { NotYet } from "../ui/NotYet.tsx";
import { notify } from "../ui/notify.ts";
import { mailSettingsQuery, useChooseMail } from "./queries.ts";
import { CATEGORIES, type Category, categoryLabel, FREQUENCIES } from "./words.ts";

/** The categories that the server names: ours in our order, then those that only a newer one knows. */
export function categoriesOf(chosen: Readonly<Record<string, string>>): readonly Category[] {
  const known = CATEGORIES.filter(({ name }) => name in chosen);
  const names = new Set(known.map(({ name }) => name));
  const others = Object.keys(chosen).filter((name) => !names.has(name));
  return [...known, ...others.map((name) => ({ name, label: categoryLabel(name), hint: "" }))];
}

export function MailSettings() {
  const me = useMe();
  const query = useQuery(mailSettingsQuery);
  const { data: chosen } = query;
  const choose = useChooseMail();
  const set = (name: string, often: string) =>
    choose.mutate(
      { [name]: often },
      { onError: (failure) => notify.failed("Not changed", sentence(failure)) },
    );
  return (
    <section aria-label="Mails">
      <Title order={2}>Mails</Title>
      <Text size="sm" c="dimmed" mb="sm">
        They go to {me.email}. What comes once a day comes in one mail, at 7:00 UTC.
      </Text>
      <NotYet query={query} failed="Your choices could not be read" isPart />
      {chosen && (
        <DataTable label="How often mails are sent" columns={["About", "How often"]}>
          {categoriesOf(chosen).map(({ name, label, hint, isAccount }) => (
            <Table.Tr key={name}>
              <Table.Td>
                <Text size="sm" fw={540}>
                  {label}
                </Text>
                <Text size="xs" c="dimmed">
                  {hint}
                </Text>
              </Table.Td>
              <Table.Td w={180}>
                {isAccount ? (
                  <Text size="sm">Always at once</Text>
                ) : (
                  <Select
                    aria-label={`Mails: ${label}`}
                    size="xs"
                    w={150}
                    data={FREQUENCIES}
                    value={chosen[name] ?? null}
                    allowDeselect={false}
                    onChange={(often) => often && set(name, often)}
                  />
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </DataTable>
      )}
    </section>
  );
}
