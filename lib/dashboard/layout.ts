import { Duration } from 'aws-cdk-lib';

/** How wide a dashboard is, in units of CloudWatch's grid. */
export const WIDTH = 24;
export const HALF_WIDTH = WIDTH / 2;
export const THIRD_WIDTH = WIDTH / 3;

/** What one point of a graph stands for. */
export const PERIOD = Duration.minutes(5);
