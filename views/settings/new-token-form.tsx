// The form that makes a token: for whom it acts, what it may do, for how long, from where, and on what.

import { Button } from '#views/parts/button.tsx'
import { Check, Field, Select } from '#views/parts/field.tsx'
import { Icon } from '#views/parts/icon.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { Foreign } from '#views/parts/text.tsx'
import type { Reachable, TokensShown } from './tokens-page.tsx'

const KINDS = [
  ['pat', 'The API'],
  ['mcp', 'An MCP client'],
] as const

const ACTS_AS = [
  ['', 'Me'],
  ['engineer', 'A service, as engineer'],
  ['analyst', 'A service, as analyst'],
  ['viewer', 'A service, as viewer'],
] as const

export const NewTokenForm = ({ shown }: { shown: TokensShown }) => {
  const { typed, problems, daysMax } = shown
  return (
    <Panel title="Make a token" id="new-token">
      <PanelBody>
        <form method="post" action={shown.path} class="stack">
          <Field
            name="name"
            label="Name"
            hint="What uses it: “CI of detections”."
            {...{ problems }}
          >
            {(attributes) => (
              <input
                {...attributes}
                value={typed.name}
                maxlength={80}
                required
                dir="auto"
                autocomplete="off"
              />
            )}
          </Field>
          <Field name="kind" label="Opens" {...{ problems }}>
            {(attributes) => <Select {...attributes} value={typed.kind} options={KINDS} />}
          </Field>
          {shown.maySeeAll && <ActsAs shown={shown} />}
          <Scopes shown={shown} />
          <Field
            name="days"
            label="Days until it ends"
            hint={`At most ${daysMax}, by the policy of this workspace.`}
            {...{ problems }}
          >
            {(attributes) => (
              <input
                {...attributes}
                type="number"
                min={1}
                max={daysMax}
                required
                value={typed.days}
              />
            )}
          </Field>
          <Networks shown={shown} />
          <Reaches shown={shown} />
          <div class="row">
            <Button kind="primary">Make token</Button>
          </div>
        </form>
      </PanelBody>
    </Panel>
  )
}

const Scopes = ({ shown: { scopes, typed, problems } }: { shown: TokensShown }) => (
  <fieldset class="field" aria-describedby={problems['scopes'] ? 'error-scopes' : undefined}>
    <legend class="label">What it may do, at most</legend>
    <div class="stack-s">
      {scopes.map(({ scope, about }) => (
        <div>
          <Check label={about} name="scopes" value={scope} checked={typed.scopes.includes(scope)} />
        </div>
      ))}
    </div>
    {problems['scopes'] && (
      <p class="error" id="error-scopes">
        {problems['scopes']}
      </p>
    )}
  </fieldset>
)

const ActsAs = ({ shown: { typed, problems } }: { shown: TokensShown }) => (
  <Field
    name="serviceRole"
    label="Acts as"
    hint="A service token is of the workspace: it signs nothing, and goes on when you leave."
    {...{ problems }}
  >
    {(attributes) => <Select {...attributes} value={typed.serviceRole} options={ACTS_AS} />}
  </Field>
)

const Networks = ({ shown: { typed, problems } }: { shown: TokensShown }) => (
  <Field
    name="networks"
    label="Only from"
    hint="Addresses or networks such as 10.0.0.0/8, with spaces between. Empty: from anywhere."
    {...{ problems }}
  >
    {(attributes) => (
      <input {...attributes} class="input mono" value={typed.networks} maxlength={1_000} />
    )}
  </Field>
)

const Reaches = ({ shown: { targets, groups, typed } }: { shown: TokensShown }) =>
  targets.length + groups.length > 0 && (
    <details open={typed.targets.length + typed.groups.length > 0}>
      <summary>
        <Icon name="chevron-down" /> Only some targets or groups of rules
      </summary>
      <div class="stack">
        <p class="hint">
          Tick none to reach all. What lies beyond is answered as if it were not there.
        </p>
        <Ticks name="targets" legend="Targets" all={targets} ticked={typed.targets} />
        <Ticks name="groups" legend="Groups of rules" all={groups} ticked={typed.groups} />
      </div>
    </details>
  )

interface TicksProps {
  readonly name: string
  readonly legend: string
  readonly all: readonly Reachable[]
  readonly ticked: readonly string[]
}

const Ticks = ({ name, legend, all, ticked }: TicksProps) =>
  all.length > 0 && (
    <fieldset class="field">
      <legend class="label">{legend}</legend>
      <div class="stack-s">
        {all.map((one) => (
          <div>
            <Check
              label={<Foreign text={one.name} class="break" />}
              name={name}
              value={one.id}
              checked={ticked.includes(one.id)}
            />
          </div>
        ))}
      </div>
    </fieldset>
  )
