// What stood where at an instant: pick the instant and the target, read it rule by rule, take it along.

import type { AsOf } from '#domain/deployments/as-of.ts'
import type { Policy } from '#domain/workspaces/policy.ts'
import { formatInstant, type Instant } from '#kernel/time.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Badge, State } from '#views/parts/badge.tsx'
import { Field, Select } from '#views/parts/field.tsx'
import { clip, count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Facts, Head, Panel, PanelBody, type Fact } from '#views/parts/panel.tsx'
import { CellLabel, Pager, Table } from '#views/parts/table.tsx'
import { ExactTime, Foreign } from '#views/parts/text.tsx'

export interface AsOfPageProps {
  /** `/w/acme/as-of`, and of rules and changes. */
  readonly path: string
  readonly rules: string
  readonly changes: string
  readonly at: Instant
  readonly target: string
  readonly targets: readonly (readonly [id: string, name: string])[]
  /** Null: the audit log no longer reaches so far. */
  readonly policy: Policy | null
  readonly items: readonly AsOf[]
  readonly first: string | null
  readonly next: string | null
  readonly bundle: string
}

const COLUMNS = [
  { label: 'Rule' },
  { label: 'Target' },
  { label: 'Stood as' },
  { label: 'Approved by' },
  { label: 'Last observed' },
]

export const AsOfPage = (props: AsOfPageProps) => (
  <>
    <Head
      title="As of"
      meta={['What ran where at an instant, approved by whom.']}
      actions={
        <LinkButton icon="download" href={props.bundle}>
          Signed file
        </LinkButton>
      }
    />
    <div class="stack">
      <Wish {...props} />
      <section class="panel" aria-label="What stood where">
        {props.items.length === 0 ? (
          <Empty icon="history" title="Nothing stood anywhere then">
            Places of rules are kept from the first adoption or deployment on.
          </Empty>
        ) : (
          <Table label="What stood where, by rule" columns={COLUMNS} isStacked>
            {props.items.map((one) => (
              <Line one={one} {...props} />
            ))}
          </Table>
        )}
        {props.items.length > 0 && (
          <Pager
            shown={<span role="status">{count(props.items.length, 'rule')} here</span>}
            first={props.first}
            next={props.next}
          />
        )}
      </section>
      <Panel title="The policies of then" id="policy">
        <PanelBody>
          {props.policy === null ? (
            <p class="muted">Not known: the audit log no longer reaches so far.</p>
          ) : (
            <Facts facts={policyFacts(props.policy)} />
          )}
        </PanelBody>
      </Panel>
    </div>
  </>
)

/** As a field of date and time takes it, in UTC. */
const fieldOf = (at: Instant) => formatInstant(at).slice(0, 16)

const Wish = ({ path, at, target, targets }: AsOfPageProps) => (
  <form class="panel" method="get" action={path} aria-label="When and where">
    <PanelBody>
      <div class="fields">
        <Field name="at" label="Instant, in UTC">
          {(attributes) => <input {...attributes} type="datetime-local" value={fieldOf(at)} />}
        </Field>
        <Field name="on" label="Target">
          {(attributes) => (
            <Select {...attributes} value={target} options={[['', 'All targets'], ...targets]} />
          )}
        </Field>
      </div>
    </PanelBody>
    <div class="panel-foot">
      <Button kind="primary">Show</Button>
    </div>
  </form>
)

const Line = ({ one, rules, changes }: AsOfPageProps & { one: AsOf }) => (
  <tr>
    <th scope="row" class="wrap">
      <a href={`${rules}/${one.ruleId}`}>
        <Foreign text={clip(one.ruleTitle, 150)} class="break" />
      </a>
      <div class="muted small mono break">{one.hash.slice(0, 12)}</div>
    </th>
    <td class="wrap">
      <CellLabel>Target</CellLabel>
      <Foreign text={one.targetName} class="break" />
    </td>
    <td class="wrap">
      <CellLabel>Stood as</CellLabel>
      <State of={one.state}>{one.state}</State> version {one.version}
      <div class="muted small">
        since <ExactTime at={one.fromAt} />
      </div>
      <BuiltOn things={one.dependencies} />
      {one.exclusions.length > 0 && (
        <div class="muted small">{count(one.exclusions.length, 'exclusion')} in force</div>
      )}
    </td>
    <td class="wrap">
      <CellLabel>Approved by</CellLabel>
      <Approval one={one} changes={changes} />
    </td>
    <td class="wrap">
      <CellLabel>Last observed</CellLabel>
      {one.lastObservedAt === null ? (
        <Badge tone="unknown">never</Badge>
      ) : (
        <ExactTime at={one.lastObservedAt} />
      )}
      {one.nextObservedAt !== null && (
        <div class="muted small">
          then not before <ExactTime at={one.nextObservedAt} />
        </div>
      )}
    </td>
  </tr>
)

const THINGS_SHOWN = 5

const BuiltOn = ({ things }: { things: AsOf['dependencies'] }) => {
  if (things === null) return <div class="muted small">what it builds on was not read yet</div>
  if (things.length === 0) return null
  const more = things.length - THINGS_SHOWN
  return (
    <div class="muted small">
      builds on{' '}
      {things.slice(0, THINGS_SHOWN).map(({ kind, name, version }, at) => (
        <>
          {at > 0 && ', '}
          {kind} <Foreign text={clip(name, 60)} class="break" />
          {version > 0 ? ` version ${version}` : ', not told what it is'}
        </>
      ))}
      {more > 0 && ` and ${more} more`}
    </div>
  )
}

const Approval = ({ one, changes }: { one: AsOf; changes: string }) => {
  if (one.change === null) {
    return one.isSigned ? <>signed baseline</> : <Badge tone="unknown">nobody</Badge>
  }
  const { id, title, signatures, waivers } = one.change
  return (
    <>
      <a href={`${changes}/${id}`}>
        <Foreign text={clip(title, 100)} class="break" />
      </a>
      {signatures.map(({ name, role, at, isPasskey }) => (
        <div class="small">
          <bdi>{name}</bdi> ({role ?? 'role unknown'}){isPasskey && ' with a passkey'},{' '}
          <ExactTime at={at} />
        </div>
      ))}
      {signatures.length === 0 && <div class="muted small">without a signature</div>}
      {waivers.length > 0 && <div class="muted small">{count(waivers.length, 'waiver')}</div>}
    </>
  )
}

function policyFacts(policy: Policy): readonly Fact[] {
  return [
    ['Review', policy.review ? `${count(policy.signatures, 'signature')} needed` : 'off'],
    ['With a passkey', policy.passkeySigning ? 'yes' : 'no'],
    ['Tests must pass', policy.testGate ? 'yes' : 'no'],
    ['Soak', policy.soakDays === 0 ? 'none' : count(policy.soakDays, 'day')],
  ]
}
