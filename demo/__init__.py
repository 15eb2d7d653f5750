"""The demo county: invented people, real rules, two years of payments in every state, relative to today."""
