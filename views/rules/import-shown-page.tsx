// One import: what each document would do or did, and how to go on.

import type { Finding, ImportItem, ImportResult } from '#domain/rules/imports/import.ts'
import type { Kind } from '#domain/rules/renders/kinds.ts'
import type { ImportShown } from '#domain/rules/imports/actions.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Select } from '#views/parts/field.tsx'
import { count, formatNumber } from '#views/parts/format.ts'
import { hxLive } from '#views/parts/hx.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Figures, Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Pager } from '#views/parts/table.tsx'
import { Foreign } from '#views/parts/text.tsx'
import { ImportState } from './import-page.tsx'
import { Problems } from './problems.tsx'

export interface ImportShownPageProps extends ImportShown {
  /** `/w/acme/rules/imports/imp_…`, and of the list of rules. */
  readonly path: string
  readonly rules: string
  /** Of the jobs of this workspace. */
  readonly jobs: string
  /** Those that rules are compiled for. */
  readonly kinds: readonly { readonly kind: Kind; readonly label: string }[]
  readonly finding: Finding | null
  readonly result: ImportResult | null
  readonly cursor: string | null
  readonly items: readonly ImportItem[]
  readonly next: string | null
  /** Where changes begin; null for whoever may not make one. */
  readonly deploy: string | null
}

const FINDINGS: Readonly<Record<Finding, readonly [label: string, tone: Tone | undefined]>> = {
  new: ['New', 'ok'],
  changed: ['Changed', 'accent'],
  merged: ['Merged with your edits', 'accent'],
  conflicting: ['Conflicting', 'warn'],
  same: ['Same as here', undefined],
  broken: ['Broken', 'bad'],
  left_out: ['Left out', 'unknown'],
}
const RESULTS: Readonly<Record<ImportResult, readonly [label: string, tone: Tone | undefined]>> = {
  created: ['Created', 'ok'],
  saved: ['New version', 'ok'],
  same: ['Same', undefined],
  skipped: ['Skipped', 'unknown'],
  refused: ['Refused', 'bad'],
}

/** Those that this page of the result shows: an import may bring more than one change should hold. */
const DeployBrought = ({ items, deploy }: ImportShownPageProps) => {
  const brought = items.flatMap(({ result, ruleId }) =>
    ruleId !== null && (result === 'created' || result === 'saved') ? [ruleId] : [],
  )
  if (deploy === null || brought.length === 0) return null
  return (
    <LinkButton icon="rocket" href={`${deploy}?rule=${brought.join(',')}`}>
      {`Deploy ${count(brought.length, 'rule')}`}
    </LinkButton>
  )
}

export const ImportShownPage = (props: ImportShownPageProps) => {
  const { found, path } = props
  const { isStopped } = props
  const live =
    found.state === 'running' && !isStopped && found.jobId !== null
      ? hxLive(path, [`job-${found.jobId}`, 'jobs'])
      : {}
  return (
    <div id="import" {...live}>
      <Head
        title={`Import of ${found.source}`}
        badge={<ImportState of={isStopped ? 'stopped' : found.state} />}
        actions={
          found.state !== 'preview' && (
            <>
              {found.jobId !== null && (
                <LinkButton href={`${props.jobs}/${found.jobId}`}>Progress</LinkButton>
              )}
              <DeployBrought {...props} />
              <LinkButton kind="primary" href={props.rules}>
                All rules
              </LinkButton>
            </>
          )
        }
        meta={[count(found.fileCount, 'file')]}
      />
      <div class="stack">
        <Numbers {...props} />
        {(found.state === 'preview' || isStopped) && <Go {...props} />}
        {found.state === 'done' && <Compiles {...props} />}
        <Items {...props} />
      </div>
    </div>
  )
}

const Numbers = ({ found, findings, results, path }: ImportShownPageProps) => {
  const isDone = found.state === 'done'
  const shown = isDone
    ? Object.entries(results).map(([key, value]) => ({
        label: RESULTS[key as ImportResult][0],
        value,
        href: `${path}?result=${key}`,
      }))
    : Object.entries(findings).map(([key, value]) => ({
        label: FINDINGS[key as Finding][0],
        value,
        href: `${path}?finding=${key}`,
      }))
  const broken = findings.broken ?? 0
  const more =
    isDone && broken > 0
      ? [{ label: 'Broken, and why', value: broken, href: `${path}?finding=broken` }]
      : []
  const figures = [...shown, ...more].slice(0, 6).map(({ value, ...rest }) => ({
    ...rest,
    value: typeof value === 'number' ? formatNumber(value) : value,
  }))
  return figures.length === 0 ? null : <Figures label="Documents" figures={figures} />
}

/** Where its rules would run, as they were compiled: each number leads to those rules. */
const Compiles = ({ found, compiles, kinds, rules, lackTests, native }: ImportShownPageProps) => {
  const link = (which: Readonly<Record<string, string>>) =>
    `${rules}?${new URLSearchParams({ import: found.id, ...which }).toString()}`
  return (
    <Panel title="Compile for" id="compiles">
      <PanelBody>
        <Figures
          label="Rules that compile"
          figures={kinds.map(({ kind, label }) => ({
            label,
            value: formatNumber(compiles[kind] ?? 0),
            href: link({ compiles: kind }),
          }))}
        />
        {lackTests > 0 && (
          <p class="muted small">
            <a href={link({ tests: 'missing' })}>{count(lackTests, 'rule')} not tested both ways</a>
            : a case that fires or one that stays silent is missing.
          </p>
        )}
        {native > 0 && (
          <p class="muted small">
            <a href={link({ writtenAs: 'native' })}>
              {count(native, 'rule')} in the words of a product
            </a>
            : the page Query of each says whether it can be Sigma.
          </p>
        )}
      </PanelBody>
    </Panel>
  )
}

const CHOICES = [
  ['keep', 'Keep what is here'],
  ['take', 'Take what is imported'],
] as const

const BROKEN = [
  ['leave', 'Leave it out'],
  ['keep', 'Keep it as rules to mend'],
  ['stop', 'Import nothing then'],
] as const

const Go = ({ path, findings, results, isStopped }: ImportShownPageProps) => {
  const { changed = 0, merged = 0, conflicting = 0, broken = 0 } = findings
  const { created = 0, saved = 0, refused = 0 } = results
  const writes = Math.max((findings.new ?? 0) + changed + merged - created - saved - refused, 0)
  return (
    <form method="post" action={`${path}/start`}>
      <Panel title="Go on" id="go">
        <PanelBody>
          <p>
            {count(writes, 'rule')} would be written. Nothing that was edited here is overwritten
            unless you say so below.
          </p>
          {conflicting > 0 && (
            <p>
              <label for="field-conflicts">Where both changed the same rule</label>{' '}
              <Select
                class="input input-s"
                id="field-conflicts"
                name="conflicts"
                value="keep"
                options={CHOICES}
              />
            </p>
          )}
          {broken > 0 && (
            <p>
              <label for="field-broken">What is broken</label>{' '}
              <Select
                class="input input-s"
                id="field-broken"
                name="broken"
                value="leave"
                options={BROKEN}
              />
            </p>
          )}
          <div class="row">
            <Button kind="primary" disabled={!isStopped && writes + conflicting === 0}>
              {isStopped ? 'Go on with the rest' : `Import ${formatNumber(writes)}`}
            </Button>
          </div>
        </PanelBody>
      </Panel>
    </form>
  )
}

const Items = (props: ImportShownPageProps) => {
  const { items, path, finding, result } = props
  const isRunning = props.found.state === 'running' && !props.isStopped
  const query = new URLSearchParams()
  if (finding !== null) query.set('finding', finding)
  if (result !== null) query.set('result', result)
  const here = query.size === 0 ? path : `${path}?${query.toString()}`
  const link = (cursor: string) =>
    `${path}?${new URLSearchParams([...query, ['cursor', cursor]]).toString()}`
  return (
    <Panel
      title="Documents"
      id="documents"
      sub={finding !== null ? FINDINGS[finding][0] : result !== null ? RESULTS[result][0] : 'all'}
      action={
        here !== path && (
          <LinkButton size="s" href={path}>
            Show all
          </LinkButton>
        )
      }
    >
      {items.length === 0 ? (
        <Empty icon="list-filter" title="No document here">
          None of the documents of this import is of that kind.
        </Empty>
      ) : (
        <ol class="rows">
          {items.map((item) => (
            <Item item={item} rules={props.rules} path={path} isRunning={isRunning} />
          ))}
        </ol>
      )}
      <Pager
        words={['First', 'Next']}
        shown={count(items.length, 'document')}
        first={props.cursor === null ? null : here}
        next={props.next === null ? null : link(props.next)}
      />
    </Panel>
  )
}

const Item = (props: {
  readonly item: ImportItem
  readonly rules: string
  readonly path: string
  readonly isRunning: boolean
}) => {
  const { item, rules, path } = props
  const isMendable = item.finding === 'broken' && item.ruleId === null && !props.isRunning
  const [label, tone] = item.result === null ? FINDINGS[item.finding] : RESULTS[item.result]
  return (
    <li>
      {tone === undefined ? <Badge>{label}</Badge> : <Badge tone={tone}>{label}</Badge>}
      <span class="grow break">
        {item.ruleId === null ? (
          <Foreign text={item.title ?? item.path} />
        ) : (
          <a href={`${rules}/${item.ruleId}`} dir="auto">
            {item.title ?? item.path}
          </a>
        )}
        <br />
        <bdi class="muted small mono break">{item.path}</bdi>
      </span>
      {item.problems.length > 0 && (
        <details class="full">
          <summary class="small">{count(item.problems.length, 'problem')}</summary>
          <Problems problems={item.problems} />
        </details>
      )}
      {isMendable && (
        <LinkButton size="s" href={`${path}/items/${item.position}`}>
          Mend
        </LinkButton>
      )}
    </li>
  )
}
