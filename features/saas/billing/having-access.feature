Feature: Having access
  As a product team
  I want to know whether a customer may use a feature
  So that nobody works on what will be refused

  Scenario: What is left of the plan may be used
    Given Acme may use 3 api_calls a day
    And Acme used 2 api_calls
    And Ann is a member of Acme
    When Ann wants to use api_calls
    Then access is given because it is limit_available

  Scenario: What is used up may not
    Given Acme may use 3 api_calls a day
    And Acme used 3 api_calls
    And Ann is a member of Acme
    When Ann wants to use api_calls
    Then access is denied because it is limit_reached

  Scenario: What was never bought may not
    Given Ann is a member of Acme
    When Ann wants to use teleports
    Then access is denied because it is not_in_plan

  Scenario: Access ends with the plan
    Given Acme may use api_calls
    And Ann is a member of Acme
    And the back office ends the plan team of Acme
    When Ann wants to use api_calls
    Then access is denied because it is not_in_plan

  Scenario: Not even an admin changes the plan alone
    Given Acme has the plan free
    And Ann is an admin of Acme
    When Ann moves to the plan team
    Then it is refused because only a service may do it
    And nothing is changed

  Scenario: The plan that was agreed is the plan that is shown
    Given Acme has the plan free
    And Ann is a member of Acme
    And the back office moves Acme to the plan team
    When Ann looks at the subscription
    Then the plan shown is team

  Scenario: Only an admin has the totals rebuilt
    Given Ben is a member of Acme
    When Ben rebuilds the totals
    Then it is refused for want of the role admin
