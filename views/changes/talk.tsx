// What people said about a change, and everything that happened to it.

import type { ChangeComment, ChangeEvent, ChangeWhole, Decision } from '#domain/changes/change.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Avatar } from '#views/parts/badge.tsx'
import { Button } from '#views/parts/button.tsx'
import { Field, TextArea } from '#views/parts/field.tsx'
import { Icon } from '#views/parts/icon.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { Time } from '#views/parts/text.tsx'
import type { ChangePageProps } from './change-page.tsx'
import { eventWords } from './words.tsx'

export const Discussion = (props: ChangePageProps) => {
  const { whole, path, may } = props
  return (
    <Panel title="Discussion" id="discussion">
      {whole.comments.length > 0 && (
        <ol class="timeline panel-body">
          {whole.comments.map((comment) => (
            <Comment {...props} comment={comment} />
          ))}
        </ol>
      )}
      {(may.write || may.sign) && (
        <form method="post" action={`${path}/comments`}>
          <PanelBody>
            <Field
              name="text"
              label="Say something"
              hint="@ and the name of somebody tells them of it."
            >
              {(attributes) => (
                <TextArea
                  {...attributes}
                  rows={3}
                  maxlength={10_000}
                  required
                  value=""
                  dir="auto"
                />
              )}
            </Field>
            <div class="row">
              <Button>Comment</Button>
            </div>
          </PanelBody>
        </form>
      )}
      {whole.comments.length === 0 && !may.write && !may.sign && (
        <PanelBody>
          <p class="muted">Nobody has said anything.</p>
        </PanelBody>
      )}
    </Panel>
  )
}

const Comment = ({ comment, names }: ChangePageProps & { comment: ChangeComment }) => (
  <li>
    <span class="tl-mark">
      <Avatar name={names.get(comment.by) ?? comment.by} size="l" />
    </span>
    <div>
      <p class="tl-line">
        <b>
          <bdi>{describeActor(comment.by, names)}</bdi>
        </b>{' '}
        <Time at={comment.at} />
      </p>
      <p class="comment break pre" dir="auto">
        {comment.text}
      </p>
    </div>
  </li>
)

const EVENTS_SHOWN = 60

/** Event and signature are of one transaction. */
function decisionAt({ signatures }: ChangeWhole, { by, at }: ChangeEvent): Decision | undefined {
  return signatures.find((one) => one.userId === by && one.at === at)?.decision
}

export const History = ({ whole, names }: ChangePageProps) => {
  const { events } = whole
  return (
    <Panel title="History" id="history">
      <ol class="timeline panel-body">
        {events.slice(-EVENTS_SHOWN).map((event) => {
          const [icon, words] = eventWords(event, decisionAt(whole, event))
          return (
            <li>
              <span class="tl-mark">
                <Icon name={icon} />
              </span>
              <p class="tl-line break">
                <b>
                  <bdi>{describeActor(event.by, names)}</bdi>
                </b>
                : {words} <Time at={event.at} />
                {event.reason !== '' && (
                  <>
                    {' '}
                    <span dir="auto">({event.reason})</span>
                  </>
                )}
              </p>
            </li>
          )
        })}
      </ol>
    </Panel>
  )
}
