// What a workspace has decided about itself. Somebody who may not change it reads the same page.

import type { Child } from 'hono/jsx'
import type { Policy, PolicyProposal, PolicyRow } from '#domain/workspaces/policy.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Button } from '#views/parts/button.tsx'
import { Field, Switch, type FieldProblems } from '#views/parts/field.tsx'
import { Facts, Panel, PanelBody, type Tab } from '#views/parts/panel.tsx'
import { Time } from '#views/parts/text.tsx'
import { SettingsHead } from './settings-tabs.tsx'

export interface PoliciesShown {
  readonly tabs: readonly Tab[]
  readonly path: string
  readonly workspace: { readonly slug: string; readonly name: string }
  readonly row: PolicyRow
  /** What would weaken review, and waits for another admin. */
  readonly waiting: WaitingPolicy | undefined
  /** What was typed where it was not accepted; else what is in force. */
  readonly values: Readonly<Record<PolicyName, string | boolean>>
  readonly problems: FieldProblems
  readonly mayChange: boolean
  readonly mayRename: boolean
  readonly name: string
  readonly nameProblems: FieldProblems
}

interface WaitingPolicy extends PolicyProposal {
  readonly changes: readonly {
    readonly name: keyof Policy
    readonly from: unknown
    readonly to: unknown
  }[]
}

export const PoliciesPage = ({ shown }: { shown: PoliciesShown }) => (
  <>
    <SettingsHead tabs={shown.tabs} />
    <div class="split">
      <Policies shown={shown} />
      <div class="stack">
        {shown.waiting && <Waiting shown={shown} waiting={shown.waiting} />}
        <NamePanel shown={shown} />
        <LastChange row={shown.row} />
      </div>
    </div>
  </>
)

/** What groups ask beyond stands on their pages. */
export type PolicyName = Exclude<keyof Policy, 'groups'>

interface Line {
  readonly name: PolicyName
  readonly label: string
  readonly hint: string
  /** For numbers: the bounds the field keeps to. */
  readonly range?: readonly [min: number, max: number]
  /** Lines of text. */
  readonly isText?: true
}

const GROUPS: readonly { readonly title: string; readonly lines: readonly Line[] }[] = [
  {
    title: 'Coming in',
    lines: [
      {
        name: 'secondFactor',
        label: 'Members need a second factor',
        hint: 'Who has none is asked to set one up before anything here opens.',
      },
      {
        name: 'tokenDays',
        label: 'Longest life of an API token, in days',
        hint: 'Tokens that exist keep the end they were given.',
        range: [1, 3_650],
      },
    ],
  },
  {
    title: 'Review',
    lines: [
      {
        name: 'review',
        label: 'Changes need a signature',
        hint: 'Nobody signs what they wrote or edited themselves.',
      },
      {
        name: 'signatures',
        label: 'Signatures needed',
        hint: 'Of different people, 1 to 5.',
        range: [1, 5],
      },
      {
        name: 'approvalDays',
        label: 'Days that an approval is good for',
        hint: 'One that nobody used until then has to be handed in again.',
        range: [1, 90],
      },
      {
        name: 'passkeySigning',
        label: 'Sign with a passkey',
        hint: 'The signature covers the hash of the change, so that an auditor can verify it offline.',
      },
      {
        name: 'tokensMaySign',
        label: 'Personal tokens may sign',
        hint: 'Off: only a person at a screen signs.',
      },
      {
        name: 'testGate',
        label: 'Tests must pass before a rule is deployed',
        hint: 'A rule without tests then needs a waiver that names it.',
      },
      {
        name: 'budgetGate',
        label: 'Noise must be known before a rule is deployed',
        hint: 'Of a rule under a noise budget. What exceeds the budget is refused either way.',
      },
      {
        name: 'windows',
        label: 'When changes may be deployed',
        hint: 'A line each: “open mon-fri 09:00-17:00 Europe/London production”, “freeze 2026-12-20 2027-01-05 Europe/London”. The stage at the end may be left out. Empty: always.',
        isText: true,
      },
      {
        name: 'soakDays',
        label: 'Days a new rule runs silently first',
        hint: '0 lets it alert at once.',
        range: [0, 90],
      },
      {
        name: 'hotfix',
        label: 'Engineers may make a hotfix',
        hint: 'It excludes values or pauses one rule for at most 24 hours, then undoes itself.',
      },
    ],
  },
  {
    title: 'Agents',
    lines: [
      {
        name: 'agentCallsPerMinute',
        label: 'Calls a minute of one MCP token',
        hint: 'An agent that goes round in a circle is stopped by this. A token may have a budget of its own.',
        range: [1, 6_000],
      },
      {
        name: 'agentCallsPerDay',
        label: 'Calls a day',
        hint: 'Days are those of UTC.',
        range: [1, 1_000_000],
      },
      {
        name: 'agentRowsPerDay',
        label: 'Rows a day',
        hint: 'Items of lists and rows of searches that answers hold.',
        range: [0, 10_000_000],
      },
      {
        name: 'agentSearchesPerDay',
        label: 'Searches a day',
        hint: '0: agents ask no target.',
        range: [0, 100_000],
      },
      {
        name: 'agentMegabytesPerDay',
        label: 'Megabytes of answers a day',
        hint: 'What a model reads costs somebody money.',
        range: [1, 100_000],
      },
    ],
  },
  {
    title: 'Keeping',
    lines: [
      {
        name: 'evidenceDays',
        label: 'Days that rows of a search are kept',
        hint: 'Sealed under the key of this workspace. 0 keeps them in memory only.',
        range: [0, 365],
      },
      {
        name: 'auditDays',
        label: 'Days that audit entries are kept at least',
        hint: 'The server may keep them longer, never shorter.',
        range: [365, 36_500],
      },
    ],
  },
]

const Policies = ({ shown }: { shown: PoliciesShown }) => (
  <form method="post" action={`${shown.path}/policies`} class="stack">
    <input type="hidden" name="version" value={String(shown.row.version)} />
    {GROUPS.map(({ title, lines }, index) => (
      <Panel title={title} id={`policies-${index}`}>
        <PanelBody>
          <fieldset class="policy-lines" disabled={!shown.mayChange} aria-label={title}>
            {lines.map((line) => (
              <PolicyLine line={line} shown={shown} />
            ))}
          </fieldset>
        </PanelBody>
      </Panel>
    ))}
    {shown.mayChange ? (
      <div class="row">
        <Button kind="primary">Save policies</Button>
      </div>
    ) : (
      <p class="muted">An admin of this workspace changes these.</p>
    )}
  </form>
)

const PolicyLine = ({ line, shown }: { line: Line; shown: PoliciesShown }) => {
  const value = shown.values[line.name]
  if (line.isText) {
    return (
      <Field name={line.name} label={line.label} hint={line.hint} problems={shown.problems}>
        {(attributes) => (
          <textarea {...attributes} rows={4} spellcheck={false} maxlength={2_000} class="mono">
            {String(value)}
          </textarea>
        )}
      </Field>
    )
  }
  if (line.range === undefined) {
    return (
      <PolicySwitch name={line.name} label={line.label} isOn={value === true}>
        {line.hint}
      </PolicySwitch>
    )
  }
  const [min, max] = line.range
  return (
    <Field name={line.name} label={line.label} hint={line.hint} problems={shown.problems}>
      {(attributes) => (
        <input {...attributes} type="number" min={min} max={max} required value={String(value)} />
      )}
    </Field>
  )
}

const PolicySwitch = (props: {
  name: PolicyName
  label: string
  isOn: boolean
  children: Child
}) => (
  <div class="field">
    <Switch
      label={props.label}
      name={props.name}
      checked={props.isOn}
      aria-describedby={`hint-${props.name}`}
    />
    <p class="hint" id={`hint-${props.name}`}>
      {props.children}
    </p>
  </div>
)

const labelOf = (wanted: keyof Policy) =>
  wanted === 'groups'
    ? 'What groups ask beyond'
    : (GROUPS.flatMap(({ lines }) => lines).find(({ name }) => name === wanted)?.label ?? wanted)
const valueOf = (value: unknown) =>
  value === true
    ? 'on'
    : value === false
      ? 'off'
      : typeof value === 'string'
        ? value
        : JSON.stringify(value)

const Waiting = ({ shown, waiting }: { shown: PoliciesShown; waiting: WaitingPolicy }) => (
  <Panel title="Waits for another admin" id="waiting">
    <PanelBody>
      <p>This asks less of changes than now. Changes that are open keep what was asked of them.</p>
      <Facts
        facts={[
          ...waiting.changes.map(
            ({ name, from, to }) => [labelOf(name), `${valueOf(from)} → ${valueOf(to)}`] as const,
          ),
          ['Asked for', <Time at={waiting.askedAt} />] as const,
          ['By', describeActor(waiting.askedBy)] as const,
        ]}
      />
      {shown.mayChange && (
        <div class="row">
          <form method="post" action={`${shown.path}/policies/confirm`}>
            <Button kind="primary">Confirm</Button>
          </form>
          <form method="post" action={`${shown.path}/policies/drop`}>
            <Button>Drop it</Button>
          </form>
        </div>
      )}
    </PanelBody>
  </Panel>
)

const NamePanel = ({ shown }: { shown: PoliciesShown }) => (
  <Panel title="This workspace" id="workspace">
    <PanelBody>
      {shown.mayRename ? (
        <form method="post" action={`${shown.path}/name`} class="stack">
          <Field
            name="name"
            label="Name"
            hint={
              <>
                Its address stays <span class="mono">/w/{shown.workspace.slug}</span>.
              </>
            }
            problems={shown.nameProblems}
          >
            {(attributes) => (
              <input {...attributes} value={shown.name} maxlength={80} required dir="auto" />
            )}
          </Field>
          <div class="row">
            <Button>Rename</Button>
          </div>
        </form>
      ) : (
        <Facts
          facts={[
            ['Name', <span dir="auto">{shown.workspace.name}</span>],
            ['Address', <span class="mono">/w/{shown.workspace.slug}</span>],
          ]}
        />
      )}
    </PanelBody>
  </Panel>
)

const LastChange = ({ row }: { row: PolicyRow }) => (
  <Panel title="Last change" id="last-change">
    <PanelBody>
      {row.changedAt === null || row.changedBy === null ? (
        <p class="muted">
          Nobody has changed a policy here: these are the values a workspace starts with.
        </p>
      ) : (
        <Facts
          facts={[
            ['Version', String(row.version)],
            ['When', <Time at={row.changedAt} />],
            ['Who', describeActor(row.changedBy)],
          ]}
        />
      )}
    </PanelBody>
  </Panel>
)
