// One hotfix: what it does until when, and what can be done about it.

import type { Hotfix } from '#domain/deployments/hotfix.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Button } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Field, TextArea } from '#views/parts/field.tsx'
import { hxLive } from '#views/parts/hx.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Facts, Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { HotfixBadge, KIND_WORDS, ReviewBadge } from './words.tsx'

export interface HotfixPageProps {
  /** `/w/acme/hotfixes/hfx_…`, and `/w/acme`. */
  readonly path: string
  readonly home: string
  readonly hotfix: Hotfix
  readonly names: ReadonlyMap<Actor, string>
  /** Of its change, as it is looked at. */
  readonly hash: string
  readonly may: { readonly end: boolean; readonly keep: boolean; readonly review: boolean }
  readonly refusal: string | null
}

export const HotfixPage = (props: HotfixPageProps) => {
  const { hotfix, path, refusal } = props
  return (
    <>
      <Head
        title={hotfix.title}
        badge={<HotfixBadge of={hotfix.state} />}
        meta={[KIND_WORDS[hotfix.kind], <ReviewBadge of={hotfix.review} />]}
        actions={
          props.may.end && (
            <Confirm
              id="end"
              opener="End it now"
              question="End it now?"
              consequence="What stood before is written back to every target and read back."
              keep="Leave it"
              verb="End it"
              path={`${path}/end`}
            />
          )
        }
      />
      {refusal !== null && (
        <div class="standing">
          <Notice tone="bad" title="That was not done.">
            {refusal}
          </Notice>
        </div>
      )}
      {hotfix.state === 'stuck' && (
        <div class="standing">
          <Notice tone="bad" title="It could not be taken back.">
            Look at the deployment that takes it back; a person has to decide.
          </Notice>
        </div>
      )}
      <div class="split split-act">
        <div class="stack">
          <What {...props} />
        </div>
        <div class="stack">
          <Keep {...props} />
          <Review {...props} />
        </div>
      </div>
    </>
  )
}

export const What = ({ hotfix, home, names, path }: HotfixPageProps) => {
  const by = (actor: Actor) => names.get(actor) ?? describeActor(actor)
  const signals = [hotfix.deploymentId, ...(hotfix.undoId ? [hotfix.undoId] : [])]
  const live = hxLive(
    path,
    signals.map((id) => `deployment-${id}`),
  )
  return (
    <div id="hotfix" {...live}>
      <Panel title="What it does" id="what">
        <PanelBody>
          <Facts
            facts={[
              ['Reason', <Foreign text={hotfix.reason} />],
              ['By', by(hotfix.createdBy)],
              ['Since', <Time at={hotfix.createdAt} />],
              ['Ends', <Time at={hotfix.endsAt} />],
              ...(hotfix.ruleId === null
                ? []
                : [['Rule', <a href={`${home}/rules/${hotfix.ruleId}`}>The rule</a>] as const]),
              ...(hotfix.exclusionId === null
                ? []
                : [
                    [
                      'Left out',
                      <a href={`${home}/exclusions/${hotfix.exclusionId}`}>The exclusion</a>,
                    ] as const,
                  ]),
              ['Change', <a href={`${home}/changes/${hotfix.changeId}`}>What was written</a>],
              [
                'Deployment',
                <a href={`${home}/deployments/${hotfix.deploymentId}`}>{hotfix.deployment}</a>,
              ],
              ...(hotfix.undoId === null
                ? []
                : [
                    [
                      'Taken back',
                      <a href={`${home}/deployments/${hotfix.undoId}`}>By this deployment</a>,
                    ] as const,
                  ]),
              ...(hotfix.reviewedBy === null
                ? []
                : [['Looked at', by(hotfix.reviewedBy)] as const]),
              ...(hotfix.comment ? [['Comment', <Foreign text={hotfix.comment} />] as const] : []),
            ]}
          />
        </PanelBody>
      </Panel>
    </div>
  )
}

const Keep = ({ may, path, hash }: HotfixPageProps) =>
  may.keep && (
    <Panel title="Keep it" id="keep">
      <PanelBody>
        <form method="post" action={`${path}/keep`} class="stack">
          <p class="muted">
            Your signature stands for its change as it was written. With enough of them it does not
            end by itself.
          </p>
          <input type="hidden" name="hash" value={hash} />
          <Field name="keepComment" label="Comment">
            {(attributes) => <TextArea {...attributes} value="" rows={2} maxlength={2_000} />}
          </Field>
          <div class="row">
            <Button kind="primary">Sign and keep</Button>
          </div>
        </form>
      </PanelBody>
    </Panel>
  )

const Review = ({ may, path }: HotfixPageProps) =>
  may.review && (
    <Panel title="Was it right?" id="review">
      <PanelBody>
        <form method="post" action={`${path}/review`} class="stack">
          <Field name="comment" label="Comment">
            {(attributes) => <TextArea {...attributes} value="" rows={2} maxlength={2_000} />}
          </Field>
          <div class="row">
            <Button name="verdict" value="justified">
              Justified
            </Button>
            <Button name="verdict" value="flagged" kind="danger">
              Flag it
            </Button>
          </div>
        </form>
      </PanelBody>
    </Panel>
  )
