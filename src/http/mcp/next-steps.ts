// What an agent does after a refusal, for each code: it reads this and nothing else before its next call.

import type { Refusal } from '#http/error.ts'

export const NEXT_STEPS: Readonly<Record<Refusal['code'], string>> = {
  invalid:
    'Mend the arguments that the problems name, by the input schema of the tool, and call again.',
  unauthenticated: 'Nothing works until a person makes a new token: say so and stop.',
  forbidden:
    'The id is wrong, of another workspace, or beyond this token; which of them is not said. Take ids from the list tools, see with who_am_i what this token may do, and do not guess ids.',
  not_found: 'Take names from tools/list, resources/list or prompts/list.',
  conflict: 'Read the thing again: its state does not allow this any more, or it exists already.',
  stale:
    'Somebody changed it meanwhile. Read it again, put your edit on that version, and call with its version as overVersion.',
  too_large: 'Ask for less: a smaller limit, fewer rules or events, a shorter time.',
  rate_limited: 'Stop calling until the time named is over, then go on with fewer calls.',
  unsupported: 'Do it another way: this form is not supported, and calling again changes nothing.',
  busy: 'Wait a few seconds and send the same call again.',
  storage_full: 'Nothing can be saved until a person frees storage; reading still works.',
  upstream:
    'The target answered with a failure. Look at its health with get_target before you try again.',
  timeout: 'Ask for less, a shorter time or a narrower query, and call again.',
  cancelled: 'It was cancelled. Call again only if that is still wanted.',
  bug: 'This is a fault of the product. Do not repeat the call; give a person the request id.',
}
