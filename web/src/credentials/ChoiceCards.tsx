/** Radios with a line of explanation each. */
import { Radio } from "@mantine/core";
import classes from "./ChoiceCards.module.css";

interface Props {
  label: string;
  value: string;
  options: readonly { value: string; label: string; hint: string; disabled?: boolean }[];
  columns: number;
  disabled?: boolean;
  onChange: (value: string) => void;
}

export function ChoiceCards({ label, value, options, columns, disabled = false, onChange }: Props) {
  return (
    <Radio.Group label={label} value={value} onChange={onChange}>
      <div className={classes.grid} data-columns={columns}>
        {options.map((option) => (
          <Radio.Card
            key={option.value}
            value={option.value}
            className={classes.card}
            disabled={disabled || option.disabled === true}
            aria-label={option.label}
          >
            <Radio.Indicator size="xs" className={classes.dot} />
            <span>
              <span className={classes.label}>{option.label}</span>
              <span className={classes.hint}>{option.hint}</span>
            </span>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  );
}
