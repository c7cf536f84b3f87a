Feature: Using it for free
  As a product owner
  I want the free plan to have an end
  So that those who need more pay for it

  Scenario: Without a subscription the free plan's limit holds
    Given Acme may use 3 api_calls a billing period
    And Acme used 3 api_calls
    When Acme uses 1 api_calls
    Then it is refused because the limit is reached
    And nothing is recorded

  Scenario: Without a subscription one is told so before
    Given Acme may use 3 api_calls a billing period
    And Acme used 3 api_calls
    And Ann is a member of Acme
    When Ann wants to use api_calls
    Then access is denied because it is limit_reached

  Scenario: On a plan called free the limit holds as well
    Given Acme has the plan free
    And Acme may use 3 api_calls a billing period
    And Acme used 3 api_calls
    When Acme uses 1 api_calls
    Then it is refused because the limit is reached
    And nothing is recorded

  Scenario: What is paid for is not part of it
    Given Ann is a member of Acme
    When Ann wants to use usage_analytics
    Then access is denied because it is not_in_plan
