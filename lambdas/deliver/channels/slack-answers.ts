import { readFailure, tryLater } from './answers.ts';
import type { ChannelAnswer, Outcome } from './channel.ts';

/** What Slack's words for errors mean: those of incoming webhooks, and those of its API, which come with status 200. */
const MEANINGS: Readonly<Record<'dead' | 'later' | 'unacceptable' | 'unknown-message', readonly string[]>> = {
  dead: [
    'access_denied',
    'accesslimited',
    'account_inactive',
    'action_prohibited',
    'as_user_not_supported',
    'channel_is_archived',
    'channel_not_found',
    'deprecated_endpoint',
    'ekm_access_denied',
    'enterprise_is_restricted',
    'invalid_auth',
    'invalid_token',
    'is_archived',
    'method_deprecated',
    'missing_scope',
    'no_active_hooks',
    'no_permission',
    'no_service',
    'no_service_id',
    'no_team',
    'not_allowed_token_type',
    'not_authed',
    'not_in_channel',
    'org_login_required',
    'posting_to_general_channel_denied',
    'restricted_action',
    'restricted_action_read_only_channel',
    'team_access_not_granted',
    'team_disabled',
    'token_expired',
    'token_revoked',
    'two_factor_setup_required',
    'user_not_found',
  ],
  later: [
    'external_channel_migrating',
    'fatal_error',
    'internal_error',
    'message_limit_exceeded',
    'rate_limited',
    'ratelimited',
    'request_timeout',
    'rollup_error',
    'service_unavailable',
    'team_added_to_org',
  ],
  unacceptable: [
    'attachment_payload_limit_exceeded',
    'invalid_arg_name',
    'invalid_arguments',
    'invalid_array_arg',
    'invalid_attachments',
    'invalid_blocks',
    'invalid_blocks_format',
    'invalid_charset',
    'invalid_json',
    'invalid_payload',
    'json_not_object',
    'markdown_text_conflict',
    'missing_text_or_fallback_or_attachments',
    'msg_blocks_too_long',
    'msg_too_long',
    'no_text',
    'too_many_attachments',
  ],
  // The message is gone or too old, or its thread is.
  'unknown-message': [
    'cant_update_message',
    'edit_window_closed',
    'cannot_reply_to_message',
    'message_not_found',
    'restricted_action_thread_locked',
  ],
};

type Meaning = keyof typeof MEANINGS;

const meaningOf = (word: string): Meaning | undefined =>
  (Object.keys(MEANINGS) as Meaning[]).find((meaning) => MEANINGS[meaning].includes(word));

/** A word in which no token can be: those have digits and capitals. */
const WORD = /^[a-z_]{2,60}$/;

/** What an answer means that says what is wrong in a word; another attempt may help against an unknown one. */
export const readSlackError = (word: string, answer: ChannelAnswer, now: number): Outcome => {
  const shown = WORD.test(word) ? word : 'an unknown error';
  const meaning = meaningOf(word);
  if (meaning === undefined && answer.status >= 300) return readFailure(answer, now, `: ${shown}`);
  const reason = `Slack answered ${shown}`;
  if (meaning === undefined || meaning === 'later') return tryLater(reason, answer, now);
  return { kind: meaning, reason };
};
