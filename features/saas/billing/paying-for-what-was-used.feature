Feature: Paying for what was used
  As a finance admin
  I want to subscribe, grow, shrink and leave without asking anybody
  So that we pay for exactly what we have and use

  Scenario: Whoever pays has a subscription, and whoever comes back from a page does not
    Given Organization exists
    And the plan crew is on sale for each member
    And Ann is an admin of the organization
    And Ann has started the checkout of crew
    When the customer fills in the page and is sent back
    Then nothing is changed

  Scenario: The subscription begins when Stripe says so
    Given Organization exists
    And the plan crew is on sale for each member
    And Ann is an admin of the organization
    And Ann has started the checkout of crew
    And the customer fills in the page and is sent back
    When Stripe's word of it arrives
    Then the subscription has begun
    And the plan shown here is crew

  Scenario: Each colleague has a seat
    Given the plan crew is on sale for each member
    And the organization has subscribed to crew
    And Ann is an admin of the organization
    When Ann takes Ben on
    Then 2 seats are paid for

  Scenario: Nobody pays for a colleague who has left
    Given the plan crew is on sale for each member
    And the organization has subscribed to crew
    And Ann is an admin of the organization
    And Ann takes Ben on
    When Ann lets Ben go
    Then 1 seat is paid for

  Scenario: Seats that were booked ahead stay
    Given the plan crew is on sale for each member
    And the organization has subscribed to crew
    And Ann is an admin of the organization
    And Ann has booked 5 seats
    When Ann takes Ben on
    Then 5 seats are paid for

  Scenario: What a larger plan costs is known before
    Given the plan team is on sale
    And the plan large is on sale
    And the organization has subscribed to team
    And Ann is an admin of the organization
    When Ann asks what large would cost
    Then Stripe's own amounts are shown
    And nothing is changed

  Scenario: A larger plan is taken, and Stripe settles the rest of the month
    Given the plan team is on sale
    And the plan large is on sale
    And the organization has subscribed to team
    And Ann is an admin of the organization
    And Ann has moved to large
    When Stripe's word of it arrives
    Then the subscription has changed
    And the plan shown here is large
    And the change was settled once

  Scenario: A card that is declined changes nothing
    Given the plan team is on sale
    And the plan large is on sale
    And the organization has subscribed to team
    And no payment of the organization succeeds
    And Ann is an admin of the organization
    When Ann moves to large and pays at once
    Then it is refused because the card was declined

  Scenario: From the first click to the invoice, which is the ledger of the month to the unit
    Given Organization exists
    And the plan metered is on sale with a price for api_calls
    And Ann is an admin of the organization
    And Ann has started the checkout of metered
    And the customer fills in the page and is sent back
    And Stripe's word of it arrives
    And the organization used 5 and then 7 api_calls
    When the month is over
    Then the invoice bills 12 api_calls, as the ledger does

  Scenario: Leaving takes one click, and is taken back as easily
    Given the plan team is on sale
    And the organization has subscribed to team
    And Ann is an admin of the organization
    And Ann has cancelled for the end of the month
    When Ann stays after all
    Then the subscription goes on

  Scenario: The back office does not meddle with what Stripe keeps
    Given the organization has a plan that Stripe keeps
    When the back office puts it on team
    Then it is refused because it is Stripe's
