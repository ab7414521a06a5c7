// Labelled controls. A hint stands below, an error beside its field and tied to it; what was typed is
// kept. The first field in error takes the focus, with script and without.
//
// No control may be named `id`, `action`, `method`, `target` or `attributes`: it would hide the
// form's own property of that name from every script.

import type { Child } from 'hono/jsx'
import { assert } from '#kernel/error.ts'
import { Icon } from './icon.tsx'

/** Messages by field name, in the order of the form. */
export type FieldProblems = Readonly<Record<string, string>>

const NAMES_THAT_HIDE = new Set(['id', 'action', 'method', 'target', 'attributes'])

interface FieldProps {
  readonly name: string
  readonly label: string
  readonly hint?: Child
  readonly problems?: FieldProblems
  /** Spread these on the control. */
  readonly children: (attributes: Record<string, unknown>) => Child
}

export const Field = ({ name, label, hint, problems = {}, children }: FieldProps) => {
  assert(!NAMES_THAT_HIDE.has(name), `no control may be named ${name}`)
  const problem = problems[name]
  const described = [problem && `error-${name}`, hint && `hint-${name}`].filter(Boolean).join(' ')
  return (
    <div class="field">
      <label for={`field-${name}`}>{label}</label>
      {children({
        id: `field-${name}`,
        class: 'input',
        name,
        'aria-invalid': problem ? 'true' : undefined,
        'aria-describedby': described || undefined,
        autofocus: (problem && Object.keys(problems)[0] === name) || undefined,
      })}
      {problem && (
        <p class="error" id={`error-${name}`}>
          <Icon name="circle-x" size="s" />
          {problem}
        </p>
      )}
      {hint && (
        <p class="hint" id={`hint-${name}`}>
          {hint}
        </p>
      )}
    </div>
  )
}

/** HTML drops the first line break of a textarea, so one is put before the text. */
export const TextArea = ({ value, ...rest }: { value: string } & Record<string, unknown>) => (
  <textarea {...rest}>{`\n${value}`}</textarea>
)

/** For what machines read: nothing in it is a misspelling. */
export const CodeArea = (props: { value: string } & Record<string, unknown>) => (
  <TextArea class="input mono" spellcheck="false" {...props} />
)

export const Select = ({
  value,
  options,
  ...rest
}: {
  value: string
  options: readonly (readonly [value: string, label: string])[]
} & Record<string, unknown>) => (
  <select {...rest}>
    {options.map(([option, label]) => (
      <option value={option} selected={option === value}>
        {label}
      </option>
    ))}
  </select>
)

/** A choice of a filter bar; empty stands for any. */
export const FilterSelect = (props: {
  name: string
  label: string
  value: string | null | undefined
  options: readonly (readonly [value: string, label: string])[]
}) => (
  <Select
    class="input input-s"
    name={props.name}
    aria-label={props.label}
    value={props.value ?? ''}
    options={props.options}
  />
)

export const Check = ({ label, ...rest }: { label: Child } & Record<string, unknown>) => (
  <label class="check">
    <input type="checkbox" {...rest} />
    {label}
  </label>
)

export const Switch = ({ label, ...rest }: { label: string } & Record<string, unknown>) => (
  <label class="switch">
    <input type="checkbox" role="switch" {...rest} />
    {label}
  </label>
)

/** A search box with its lens, for a filter bar. */
export const SearchBox = ({ label, ...rest }: { label: string } & Record<string, unknown>) => (
  <div class="input-icon filter-q">
    <Icon name="search" />
    <input class="input input-s" type="search" aria-label={label} placeholder={label} {...rest} />
  </div>
)

/** One filter in force, with a link to the same list without it. */
export const FilterChip = (props: { field: string; value: string; without: string }) => (
  <span class="fchip">
    <span>{props.field}</span>
    <span class="op">is</span>
    <b>{props.value}</b>
    <a href={props.without} aria-label={`Remove filter ${props.field} is ${props.value}`}>
      <Icon name="x" />
    </a>
  </span>
)
