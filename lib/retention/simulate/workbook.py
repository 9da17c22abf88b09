"""The settings that travel with the simulated company's tables."""

WORKBOOK = """\
# Written by `retention simulate`. Every person and number here is invented.
[company]
name = "Lakeshore"
label = "SIMULATED"
currency = "EUR"
language = "en"
observed_from = 2022-11-01  # who left earlier is not in the tables
observed_to = 2026-10-31
time_unit = "month"

[scales]
satisfaction = [1, 5]
satisfaction_points = [0, 10]
recommend = [0, 10]
expectation = [1, 7]
intent = [1, 5]
ratings = [1, 7]

# Lakeshore has four lines of business: subscription, plans, shop and wealth.
[population]
tenure = { business = ["subscription"] }
satisfaction = { business = ["subscription"] }
referral = { business = ["subscription"] }
loyalty = { business = ["subscription"] }
leaky_bucket = { business = ["subscription"] }
customer_value = { business = ["subscription", "shop", "wealth"] }
claims = { business = ["subscription"] }

[drivers]
tenure = [
    "contract", "plan", "segment", "age_group", "pay_method", "region",
    "recorded_source", "engagement",
]

[loyalty]
value_of_a_point = 0.01
launched_on = 2024-11-01
points_expire_after = 18
holdout_share = 0.25  # kept out by lot

[costs]
retention_per_customer_month = 2.0
programme_per_member_year = 5.0
contact_phone = 6.0
contact_chat = 2.5
contact_mail = 1.5
contact_visit = 40.0
quarterly_margin_mass = 30
quarterly_margin_affluent = 210
quarterly_margin_private = 1900

[economics]
annual_discount_rate = 0.10
margin_rate = 0.40

[channels]
touchpoints = ["search", "social", "email", "rep", "friend"]
contacts = ["phone", "chat", "mail", "visit"]
"""
