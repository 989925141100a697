/** What narrows the list of packages. */
import { NativeSelect, SegmentedControl, TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { useMemo } from "react";
import { categoriesOf } from "../catalog/search.ts";
import classes from "./MarketplacePage.module.css";
import { findPackages, type PackageFilter } from "./model.ts";
import type { Offer } from "./types.ts";

interface Props {
  offer: Offer;
  /** The names of registries by identifier. */
  names: ReadonlyMap<string, string>;
  filter: PackageFilter;
  /** What is typed, which reaches the address a little later. */
  text: string;
  onText: (next: string) => void;
  onChange: (next: PackageFilter) => void;
}

export function Filters({ offer, names, filter, text, onText, onChange }: Props) {
  const categories = useMemo(() => categoriesOf(offer.items), [offer.items]);
  const registries = useMemo(
    () => [...new Set(offer.items.map((one) => one.registry))].sort(),
    [offer.items],
  );
  const amount = (show: PackageFilter["show"]) => findPackages(offer.items, { show }).length;
  return (
    <search className={classes.filters}>
      <TextInput
        aria-label="Search packages"
        placeholder="Search by name, purpose or category"
        leftSection={<Search size={15} aria-hidden />}
        className={classes.search}
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
      />
      <NativeSelect
        aria-label="Category"
        value={filter.category ?? ""}
        onChange={(event) => onChange({ category: event.currentTarget.value || undefined })}
        data={[{ value: "", label: "All categories" }, ...categories]}
      />
      <NativeSelect
        aria-label="Registry"
        value={filter.registry ?? ""}
        onChange={(event) => onChange({ registry: event.currentTarget.value || undefined })}
        data={[
          { value: "", label: "All registries" },
          ...registries.map((value) => ({ value, label: names.get(value) ?? value })),
        ]}
      />
      <SegmentedControl
        aria-label="What is installed"
        className={classes.show}
        value={filter.show ?? ""}
        onChange={(show) => onChange({ show: (show || undefined) as PackageFilter["show"] })}
        data={[
          { value: "", label: "All" },
          { value: "installed", label: `Installed ${amount("installed")}` },
          { value: "upgrades", label: `Upgrades ${amount("upgrades")}` },
        ]}
      />
    </search>
  );
}
