Feature: Paying late
  As a finance admin
  I want time to put a payment right
  So that nobody is locked out for an expired card

  Background:
    Given the organization subscribes at Stripe to a plan with usage_analytics
    And Stripe tells of the organization's entitlements
    And Stripe tells that the subscription is active

  Scenario: Who is late with a payment keeps what was bought for a week
    Given the organization can't pay at Stripe any more
    And 32 days pass at Stripe and here
    And Stripe tells of the organization's failed payment
    When Organization asks whether usage_analytics may be used
    Then access is given because it is included
    And access ends if nothing is paid

  Scenario: The account shows that a payment is late as soon as Stripe tells
    Given the organization can't pay at Stripe any more
    And 32 days pass at Stripe alone
    And Stripe tells of the organization's failed payment
    When Organization looks at its subscription
    Then the status shown is past_due

  Scenario: After a week it is locked
    Given the organization can't pay at Stripe any more
    And 39 days pass at Stripe and here
    And Stripe tells of the organization's failed payment
    When Organization asks whether usage_analytics may be used
    Then access is denied because it is not_in_plan

  Scenario: Whoever pays has everything back at once
    Given the organization can't pay at Stripe any more
    And 39 days pass at Stripe and here
    And Stripe tells of the organization's failed payment
    And the organization pays at Stripe what is open
    And Stripe tells of the organization's successful payment
    When Organization asks whether usage_analytics may be used
    Then access is given because it is included
    And access has no end

  Scenario: When Stripe gives up, the week does not begin again
    Given failed payments end as unpaid at Stripe
    And the organization can't pay at Stripe any more
    And 41 days pass at Stripe and here
    And Stripe tells of the organization's failed payment
    When the organization looks at the days of its usage
    Then it is refused because it is not paid for

  Scenario: What Stripe gave up is shown
    Given failed payments end as unpaid at Stripe
    And the organization can't pay at Stripe any more
    And 41 days pass at Stripe and here
    And Stripe tells of the organization's failed payment
    When Organization looks at its subscription
    Then the status shown is unpaid

  Scenario: Nobody told of the late payment, and it is found overnight
    Given the organization can't pay at Stripe any more
    And 33 days pass at Stripe and here
    When Organization looks at its subscription
    Then the status shown is past_due
