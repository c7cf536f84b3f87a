Feature: Knowing where one stands
  As a member of an organization
  I want to see what was used
  So that the bill is no surprise

  Scenario: Everyone in the organization sees the usage
    Given the time is 2026-11-20T12:00:00Z
    And Acme may use api_calls
    And Acme used these quantities of api_calls
      | quantity | time                 |
      | 10       | 2026-11-18T09:00:00Z |
      | 20       | 2026-11-19T09:00:00Z |
      | 12       | 2026-11-20T09:00:00Z |
    And Ann is a member of Acme
    When Ann looks at the usage
    Then the page shows 42 api_calls

  Scenario: Nobody sees the usage of another organization
    Given Acme may use api_calls
    And Globex may use api_calls
    And Acme used 42 api_calls
    And Bob is an admin of Globex
    When Bob looks at the usage
    Then the page shows 0 api_calls

  Scenario: Usage that comes in late is found in the month it happened
    Given the time is 2026-12-02T08:00:00Z
    And Acme may use api_calls
    And Acme used 7 api_calls at 2026-11-30T20:00:00Z
    And Ann is a member of Acme
    When Ann looks at the usage in 2026-11
    Then the page shows 7 api_calls

  Scenario: A new billing period starts from nothing
    Given the time is 2026-11-30T20:00:00Z
    And Acme may use api_calls
    And Acme used 7 api_calls
    And Ann is a member of Acme
    And 1 day passes
    When Ann looks at the usage
    Then the page shows 0 api_calls

  Scenario: A subscription's billing periods begin on its own day
    Given the time is 2026-11-20T12:00:00Z
    And Acme has the plan team
    And Acme may use api_calls
    And Ann is a member of Acme
    And 40 days pass
    When Ann looks at the usage
    Then the page is about the billing period 2026-12-20

  Scenario: A report that arrives twice is counted once
    Given Acme may use api_calls
    And Acme used 7 api_calls
    When the same report arrives a second time
    Then the usage is counted only once
