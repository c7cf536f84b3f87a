Feature: Staying within the plan
  As a finance admin
  I want usage to stop where the plan ends
  So that no bill is larger than what was agreed

  Scenario: The last call of the day is still taken
    Given Acme may use 3 api_calls a day
    And Acme used 2 api_calls
    When Acme uses 1 api_calls
    Then the limit of 3 is reported as reached

  Scenario: One call too many is refused
    Given Acme may use 3 api_calls a day
    And Acme used 3 api_calls
    When Acme uses 1 api_calls
    Then it is refused because the limit is reached
    And nothing is recorded

  Scenario: A new day brings new calls
    Given the time is 2026-11-20T22:00:00Z
    And Acme may use 3 api_calls a day
    And Acme used 3 api_calls
    And 2 hours pass
    When Acme uses 1 api_calls
    Then the usage is recorded

  Scenario: A neighbour's usage does not count
    Given Acme may use 3 api_calls a day
    And Globex may use 3 api_calls a day
    And Globex used 3 api_calls
    When Acme uses 1 api_calls
    Then the usage is recorded

  Scenario: What is meant for a month is not used up twice
    Given the time is 2026-11-29T12:00:00Z
    And Acme may use 10 token_issuances a billing period
    And Acme used 10 token_issuances
    And 1 day passes
    When Acme uses 1 token_issuances
    Then it is refused because the limit is reached
    And nothing is recorded

  Scenario: A warning does not stop the work
    Given Acme is warned at 10 token_issuances a billing period
    And Acme used 12 token_issuances
    When Acme uses 1 token_issuances
    Then the usage is recorded
    And the limit is not reported a second time

  Scenario: Agents that were switched off make room for others
    Given Acme may keep 5 active_agents at once
    And Acme used 5 active_agents
    And Acme used 2 active_agents
    When Acme reports 4 active_agents
    Then the usage is recorded
