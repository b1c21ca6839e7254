import * as cdk from 'aws-cdk-lib';
import { ShopStack } from '../lib/shop-stack.ts';

const app = new cdk.App();
new ShopStack(app, 'Shop');
