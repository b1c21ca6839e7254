import type { Logger } from '@aws-lambda-powertools/logger';
import type { Notice } from '../../contract/notice.ts';
import type { NoticeLinks } from '../../contract/notice-links.ts';
import type { CustomNotice } from '../../contract/notices/custom-notice.ts';
import type { MailedDeployments } from '../../contract/notices/mailed-deployments.ts';
import type { WeekReportNotice } from '../../contract/notices/week-report-notice.ts';
import { SEVERITIES, type Severity } from '../../contract/severity.ts';
import type { Topology } from '../incidents/causes.ts';
import type { Channels } from '../publish/channels.ts';
import type { Publisher } from '../publish/publish.ts';
import { buildCustomNotice, threadKeyOf } from './custom-notice.ts';
import { applyCustomNotice, type CustomStep, type CustomThread } from './custom-thread.ts';
import {
  applyDeploymentEvent,
  type Deployment,
  type DeploymentContext,
  type DeploymentDecision,
  passTimeOfDeployment,
} from './deployment.ts';
import type { DeploymentEvent } from './deployment-event.ts';
import { buildDeploymentNotice } from './deployment-notice.ts';
import type { EventStore } from './event-store.ts';
import type { RateLimit } from './rate-limit.ts';
import { buildReportNotice, type ReportedWeek } from './week-report.ts';

export interface EventNoticesParts {
  readonly store: Pick<EventStore, 'update'>;
  readonly channels: Pick<Channels, 'findForNotice' | 'deliverNotice'>;
  readonly publisher: Pick<Publisher, 'deliverNotice'>;
  readonly limit: Pick<RateLimit, 'admit'>;
  readonly place: Notice['place'];
  readonly tools: Topology['tools'];
  readonly deployment: DeploymentContext;
  readonly mailedDeployments: MailedDeployments;
  readonly links: Pick<NoticeLinks, 'stacks' | 'page'>;
  readonly logger: Pick<Logger, 'info'>;
  readonly now?: () => number;
}

/** Who gets a notice. */
interface Audience {
  readonly channels: readonly string[];
  readonly topics: readonly Severity[];
}

/** A thread of custom notices, with everybody who knows of it. Serializable as JSON. */
interface RememberedThread extends CustomThread, Audience {}

const DEPLOYMENT = 'deployment';
const NOBODY: Audience = { channels: [], topics: [] };

const union = <Value>(one: readonly Value[], other: readonly Value[]): Value[] => [...new Set([...one, ...other])];

const severitiesOf = ({ severity }: Pick<Notice, 'severity'>): Severity[] =>
  SEVERITIES.filter((each) => each === severity);

/**
 * Notifies people of what is no incident: of deployments, of a week, and of what tools and people ask for. A notice is
 * written down before it is published, together with the message that it follows from; that message stays in its queue
 * until everybody has the notice, under the same id each time.
 */
export class EventNotices {
  private readonly parts: EventNoticesParts;
  private readonly now: () => number;

  constructor(parts: EventNoticesParts) {
    this.parts = parts;
    this.now = parts.now ?? Date.now;
  }

  /** Rejects when it could not be written down or published: the message must come again. */
  async takeDeploymentEvent(messageId: string, event: DeploymentEvent): Promise<void> {
    const decision = await this.parts.store.update<Deployment, DeploymentDecision>(DEPLOYMENT, (before) => {
      const decided = applyDeploymentEvent(before, event, messageId, this.parts.deployment);
      return { value: decided.deployment, result: decided };
    });
    await this.tellOfDeployment(decision, event);
  }

  /**
   * Ends a deployment that nothing else says is done. No message comes again for it, so it is written down only when it
   * has been published. Rejects when that did not succeed: the next run does it.
   */
  async passTime(): Promise<void> {
    const { store } = this.parts;
    const decide = (before: Deployment | undefined): DeploymentDecision =>
      before ? passTimeOfDeployment(before, this.now()) : { deployment: before, step: undefined };
    const decision = await store.update<Deployment, DeploymentDecision>(DEPLOYMENT, (before) => ({
      value: before,
      result: decide(before),
    }));
    if (decision.step === undefined) return;
    await this.tellOfDeployment(decision, undefined);
    await store.update<Deployment, undefined>(DEPLOYMENT, (before) => ({
      value: decide(before).deployment,
      result: undefined,
    }));
  }

  private async tellOfDeployment(
    { deployment, step }: DeploymentDecision,
    event: DeploymentEvent | undefined,
  ): Promise<void> {
    if (!deployment || !step) return;
    const { place, links, channels, mailedDeployments } = this.parts;
    const { version } = this.parts.deployment;
    const notice = buildDeploymentNotice({ deployment, step, event, version, place, stacksUrl: links.stacks });
    const isMailed = mailedDeployments === 'all' || (mailedDeployments === 'failed' && notice.severity === 'warning');
    await this.publish(notice, { channels: channels.findForNotice(notice), topics: isMailed ? ['warning'] : [] });
  }

  /** Resolves to whether it may leave its queue. Rejects when it could not be written down or published. */
  async takeCustomNotice(notice: CustomNotice): Promise<boolean> {
    const { source } = notice;
    if (!this.parts.limit.admit(source.kind === 'tool' ? source.tool : '')) return false;
    if (notice.thread === undefined) await this.tellAlone(notice);
    else await this.tellThread(notice);
    return true;
  }

  /**
   * Notifies people of the first report of each week. Resolves to whether the message may leave its queue. Rejects when the
   * report could not be written down or published.
   */
  async takeWeekReport(report: WeekReportNotice): Promise<boolean> {
    const { store, limit, channels, place, links, logger } = this.parts;
    if (!limit.admit('')) return false;
    const first = await store.update<ReportedWeek, ReportedWeek>(`report/${report.week}`, (before) => {
      const value = before ?? { id: report.id };
      return { value, result: value };
    });
    if (first.id !== report.id) {
      logger.info('A report of this week was taken already', { week: report.week, id: report.id });
      return true;
    }
    const notice = buildReportNotice({ report, place, page: links.page });
    await this.publish(notice, {
      channels: channels.findForNotice(notice),
      topics: report.mailed ? ['warning'] : [],
    });
    return true;
  }

  private async tellAlone(notice: CustomNotice): Promise<void> {
    const built = this.build(notice, 'notice', undefined);
    await this.publish(built, this.findAudience(built));
  }

  private async tellThread(notice: CustomNotice): Promise<void> {
    const reported = await this.parts.store.update<
      RememberedThread,
      { notice: Notice; audience: Audience } | undefined
    >(threadKeyOf(notice), (before) => {
      const { thread, step } = applyCustomNotice(before, notice);
      const isChanged = thread !== (before as CustomThread | undefined);
      if (step === undefined)
        return { value: isChanged ? { ...NOBODY, ...before, ...thread } : before, result: undefined };
      const built = this.build(notice, step, thread);
      const known = before && !(before.isOver && step === 'opened') ? before : NOBODY;
      const audience = step === 'over' ? known : this.findAudience(built);
      const channels = union(known.channels, audience.channels);
      const topics = union(known.topics, audience.topics);
      // A message that comes again has changed nothing.
      const value = isChanged ? { ...thread, channels, topics } : before;
      return { value, result: { notice: built, audience } };
    });
    if (reported) await this.publish(reported.notice, reported.audience);
    else this.parts.logger.info('A custom notice says nothing new of its thread', { id: notice.id });
  }

  private build(notice: CustomNotice, step: CustomStep, thread: CustomThread | undefined): Notice {
    const { tools, place } = this.parts;
    return buildCustomNotice({ notice, step, thread, tools, place });
  }

  /** What nobody else would get goes to those of warnings. */
  private findAudience(notice: Notice): Audience {
    const channels = this.parts.channels.findForNotice(notice);
    const topics = severitiesOf(notice);
    return { channels, topics: channels.length + topics.length > 0 ? topics : ['warning'] };
  }

  /** To the channels first: they take a notice once, however often it is sent. */
  private async publish(notice: Notice, { channels, topics }: Audience): Promise<void> {
    await Promise.all(channels.map((name) => this.parts.channels.deliverNotice(name, notice)));
    await Promise.all(topics.map((severity) => this.parts.publisher.deliverNotice(severity, notice)));
  }
}
