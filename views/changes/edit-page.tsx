// Editing a change: its words, and which of its items stay.

import type { Change, ChangeItem } from '#domain/changes/change.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Check, type FieldProblems } from '#views/parts/field.tsx'
import { clip, count, formatNumber } from '#views/parts/format.ts'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { WhatAndWhy } from './what-and-why.tsx'
import { ACTION_WORDS } from './words.tsx'

/** More are edited by another change, or over the API. */
const PICKED_MAX = 200

export interface EditChangePageProps {
  /** `/w/acme/changes/chg_…`. */
  readonly path: string
  readonly change: Change
  readonly items: readonly Pick<ChangeItem, 'number' | 'ruleTitle' | 'targetName' | 'action'>[]
  readonly given: {
    readonly title: string
    readonly why: string
    readonly keep: readonly number[]
  }
  readonly problems: FieldProblems
  readonly refusal: string | null
}

export const EditChangePage = (props: EditChangePageProps) => {
  const { path, change, given, problems, refusal } = props
  const isSigned = change.state === 'in_review' || change.state === 'approved'
  return (
    <>
      <Head title="Edit the change" />
      <div class="stack">
        {refusal !== null && (
          <Notice tone="bad" title="The change was not edited.">
            {refusal}
          </Notice>
        )}
        {isSigned && (
          <Notice tone="warn" title="Whoever edits a change does not sign it.">
            With other items it is a draft again, and its signatures are void.
          </Notice>
        )}
        <form method="post" action={`${path}/edit`} class="halves halves-wide">
          <input type="hidden" name="version" value={change.version} />
          <Panel title="What and why" id="what">
            <PanelBody>
              <WhatAndWhy given={given} problems={problems} />
              <div class="row">
                <Button kind="primary">Save</Button>
                <LinkButton href={path}>Cancel</LinkButton>
              </div>
            </PanelBody>
          </Panel>
          <Picks {...props} />
        </form>
      </div>
    </>
  )
}

const Picks = ({ items, given }: EditChangePageProps) => (
  <Panel title="Items" id="items" sub={count(items.length, 'item')}>
    {items.length > PICKED_MAX ? (
      <PanelBody>
        <p class="muted">
          {formatNumber(items.length)} items are too many to pick from here: make another change
          from the list of rules.
        </p>
      </PanelBody>
    ) : (
      <fieldset class="rows">
        <legend class="vh">Items that stay</legend>
        <input type="hidden" name="picks" value="1" />
        {items.map(({ number, ruleTitle, targetName, action }) => (
          <div class="target-pick">
            <Check
              name="keep"
              value={number}
              checked={given.keep.includes(number)}
              label={
                <span class="break" dir="auto">
                  {clip(ruleTitle, 120)}{' '}
                  <span class="muted small">
                    {ACTION_WORDS[action]} on {targetName}
                  </span>
                </span>
              }
            />
          </div>
        ))}
      </fieldset>
    )}
  </Panel>
)
