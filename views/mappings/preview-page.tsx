// Which rules a draft of a mapping would change: how many, and each query before and after.

import type { MappingDraft } from '#domain/mappings/mapping.ts'
import type { MappingEffect } from '#domain/rules/mappings/effect.ts'
import type { SeenPreview } from '#domain/rules/mappings/preview.ts'
import type { LineRow } from '#domain/rules/merge/side-by-side.ts'
import type { RuleId } from '#kernel/id.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { count, formatNumber } from '#views/parts/format.ts'
import { hxLive } from '#views/parts/hx.tsx'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Figures, Panel } from '#views/parts/panel.tsx'
import { Pager } from '#views/parts/table.tsx'
import { Foreign } from '#views/parts/text.tsx'
import { SideBySide } from '#views/rules/side-by-side.tsx'
import { TargetHead, type TargetHeadProps } from '#views/targets/target-head.tsx'

export interface MappingPreviewProps extends TargetHeadProps {
  readonly mapping: string
  /** Of the list of rules, and of the jobs. */
  readonly rules: string
  readonly jobs: string
  readonly seen: SeenPreview | undefined
  readonly items: readonly {
    readonly ruleId: RuleId
    readonly title: string
    readonly effect: MappingEffect
    readonly rows: readonly LineRow[]
  }[]
  readonly effect: MappingEffect | null
  readonly isFirst: boolean
  readonly draft: MappingDraft | undefined
  readonly mayEdit: boolean
}

const MARKS: Readonly<Record<MappingEffect, readonly [label: string, tone: Tone]>> = {
  changed: ['Another query', 'accent'],
  gained: ['Compiles from then on', 'ok'],
  lost: ['No longer compiles', 'bad'],
}

export const MappingPreviewPage = (props: MappingPreviewProps) => {
  const { seen, mapping, mayEdit, draft } = props
  const path = `${mapping}/preview`
  const isRunning = seen !== undefined && seen.preview.endedAt === null && seen.isOfDraft
  const live = isRunning ? hxLive(path, [`job-${seen.preview.jobId}`, 'jobs']) : {}
  return (
    <div id="mapping-preview" {...live}>
      <TargetHead {...props} />
      <div class="stack">
        <div class="row">
          {mayEdit && draft !== undefined && !isRunning && (
            <form method="post" action={path} class="inline">
              <Button kind="primary">{seen ? 'Look again' : 'Which rules would change'}</Button>
            </form>
          )}
          <LinkButton href={mapping}>Back to the mapping</LinkButton>
          {isRunning && (
            <LinkButton href={`${props.jobs}/${seen.preview.jobId}`}>Progress</LinkButton>
          )}
        </div>
        {seen === undefined ? (
          <section class="panel" aria-label="Preview">
            <Empty icon="search" title={draft ? 'Not looked yet' : 'There is no draft'}>
              Every rule is compiled with and without the draft, and what differs is listed here.
              Nothing comes into force by it.
            </Empty>
          </section>
        ) : (
          <Found {...props} seen={seen} isRunning={isRunning} />
        )}
      </div>
    </div>
  )
}

const Found = (props: MappingPreviewProps & { seen: SeenPreview; isRunning: boolean }) => {
  const { seen, items, mapping, isRunning, isFirst, effect, rules } = props
  const { preview, counts, isOfDraft } = seen
  const path = `${mapping}/preview`
  const own: Record<string, string> = effect === null ? {} : { effect }
  const { next } = seen.items
  return (
    <>
      {!isOfDraft && (
        <Notice tone="warn" title="This is about another draft.">
          It was edited, discarded or put in force since.
        </Notice>
      )}
      {isRunning && (
        <Notice tone="accent" title="Rules are being compiled.">
          {count(preview.ruleCount, 'rule')} so far.
        </Notice>
      )}
      <Figures
        label="What would change"
        figures={[
          { label: 'Compared', value: formatNumber(preview.ruleCount), href: path },
          ...(['changed', 'gained', 'lost'] as const).map((one) => ({
            label: MARKS[one][0],
            value: formatNumber(counts[one]),
            href: `${path}?effect=${one}`,
          })),
        ]}
      />
      {items.length === 0 ? (
        <section class="panel" aria-label="Rules">
          <Empty icon="check" title={isRunning ? 'None so far' : 'No rule changes'}>
            What rules become at this target is the same with and without the draft.
          </Empty>
        </section>
      ) : (
        items.map(({ ruleId, title, effect: how, rows }) => (
          <section class="panel" aria-labelledby={`rule-${ruleId}`}>
            <div class="panel-head">
              <h2 id={`rule-${ruleId}`} class="break">
                <a href={`${rules}/${ruleId}`}>
                  <Foreign text={title} />
                </a>
              </h2>
              <span class="push">
                <Badge tone={MARKS[how][1]}>{MARKS[how][0]}</Badge>
              </span>
            </div>
            <SideBySide rows={rows} titles={['Now', 'With the draft']} />
          </section>
        ))
      )}
      <Panel>
        <Pager
          words={['First', 'More']}
          shown={`${items.length} shown`}
          first={isFirst ? null : `${path}?${new URLSearchParams(own).toString()}`}
          next={
            next === null
              ? null
              : `${path}?${new URLSearchParams({ ...own, cursor: next }).toString()}`
          }
        />
      </Panel>
    </>
  )
}
