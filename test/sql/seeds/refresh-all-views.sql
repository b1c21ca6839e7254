SELECT analytics.refresh_all_views();
